// Written by `ipc export --lang java`. Do not edit: change the description, and export it again.

package robot;

/**
 * how it measures
 */
public final class Mode {
    public static final int IDLE = 0;
    public static final int FAST = 1;

    private Mode() {}

    /** The name of a value as the description has it; null if it has none. */
    public static String nameOf(int value) {
        if (value == IDLE) {
            return "Idle";
        }
        if (value == FAST) {
            return "Fast";
        }
        return null;
    }
}
