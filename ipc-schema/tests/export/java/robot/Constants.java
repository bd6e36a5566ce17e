// Written by `ipc export --lang java`. Do not edit: change the description, and export it again.

package robot;

/** Constants, each unsigned in all 64 bits. */
public final class Constants {
    public static final long BEAMS = 4L;

    private Constants() {}
}
