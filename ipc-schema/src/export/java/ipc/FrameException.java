package ipc;

/** Bytes that are no frame of a class, or a value that its class refuses. */
public final class FrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private String className;
    private String path;
    private final String problem;

    FrameException(String className, String path, String problem) {
        this.className = className;
        this.path = path;
        this.problem = problem;
    }

    /** Class, member and problem. */
    @Override
    public String getMessage() {
        return "class " + className + (path.isEmpty() ? "" : ", member " + path) + ": " + problem;
    }

    /** Name of the frame's class. */
    public String className() {
        return className;
    }

    /** Where it is: {@code points[3].x}; empty for the frame as a whole. */
    public String path() {
        return path;
    }

    /** The error of a frame of another class, in which it lies at {@code place}. */
    FrameException inside(String outerName, String place) {
        className = outerName;
        path = path.isEmpty() ? place : place + "." + path;
        return this;
    }
}
