// Written by `ipc export --lang java`. Do not edit: change the description, and export it again.

package robot;

import ipc.Wire;
import java.nio.*;
import java.util.*;

/**
 * where the sensor is
 */
@SuppressWarnings("deprecation")
public final class Pose {
    public static final String CLASS_NAME = "Pose";

    /** The class and all it uses, as canonical JSON. */
    public static final String SCHEMA = String.join("",
        "{\"namespace\":\"robot\",\"classes\":[\n",
        "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n",
        "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n",
        "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n",
        "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n",
        "]}\n",
        "]}\n");

    /** Bytes of a frame. */
    public static final int SIZE = 24;

    /** Hash of the class, 16 bytes: two programs compare it before they exchange a frame. */
    public static byte[] fingerprint() {
        return Wire.bytes(0xc7, 0x17, 0x03, 0xc0, 0x3f, 0x86, 0x7a, 0xa8, 0xdd, 0x05, 0x17, 0xf6, 0x06, 0xb3, 0xee, 0x2b);
    }

    /**
     * Unit: m.
     */
    public double x;

    /**
     * Unit: m.
     */
    public double y;

    public boolean valid = true;

    /** The bytes of a frame. Throws if a member is outside of its bounds. */
    public byte[] serialize() {
        byte[] frame = new byte[SIZE];
        serializeInto(ByteBuffer.wrap(frame));
        return frame;
    }

    /** The same, into all that remains of a buffer: {@link #SIZE} bytes. Its position stays where it is. */
    public void serializeInto(ByteBuffer frame) {
        Writer writer = new Writer(frame);
        fill(writer);
        writer.finish();
    }

    /** The value of a frame: all that remains of a buffer. */
    public static Pose deserialize(ByteBuffer frame) {
        return new View(frame).copy();
    }

    public static Pose deserialize(byte[] frame) {
        return deserialize(ByteBuffer.wrap(frame));
    }

    /** A frame, read where it lies: valid as long as its bytes are. */
    public static final class View {
        private final ByteBuffer bytes;
        private final int at;

        /** Checks all that decides where something is. The frame is all that remains of a buffer. */
        public View(ByteBuffer frame) {
            this(Wire.fixed(Wire.reading(frame), SIZE, CLASS_NAME), 0);
        }

        View(ByteBuffer bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        /**
         * Unit: m.
         */
        public double x() {
            return Wire.getFloat64(bytes, at);
        }

        /**
         * Unit: m.
         */
        public double y() {
            return Wire.getFloat64(bytes, at + 8);
        }

        public boolean valid() {
            return Wire.getBool(bytes, at + 16);
        }

        /** Checks {@code min} and {@code max} of every member. */
        public void validate() {
        }

        /** A value of its own. Throws if a string is not UTF-8. */
        public Pose copy() {
            Pose value = new Pose();
            value.x = this.x();
            value.y = this.y();
            value.valid = this.valid();
            return value;
        }
    }

    /** A frame, written where it lies. */
    public static final class Writer {
        private final ByteBuffer bytes;
        private final int at;

        /** Begins a frame of zeros in all that remains of a buffer: {@link #SIZE} bytes. */
        public Writer(ByteBuffer frame) {
            this(Wire.fixed(Wire.whole(frame), SIZE, CLASS_NAME), 0);
            Wire.clear(bytes, 0, SIZE);
        }

        Writer(ByteBuffer bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        /**
         * Unit: m.
         */
        public void setX(double value) {
            Wire.putFloat64(bytes, at, value, new Wire.Site(CLASS_NAME, "x"));
        }

        /**
         * Unit: m.
         */
        public void setY(double value) {
            Wire.putFloat64(bytes, at + 8, value, new Wire.Site(CLASS_NAME, "y"));
        }

        public void setValid(boolean value) {
            Wire.putBool(bytes, at + 16, value, new Wire.Site(CLASS_NAME, "valid"));
        }

        /** The last step before the frame is sent: checks {@code min} and {@code max}. */
        public void finish() {
            new View(bytes, at).validate();
        }
    }

    /** Puts this value into a frame . */
    void fill(Writer frame) {
        frame.setX(this.x);
        frame.setY(this.y);
        frame.setValid(this.valid);
    }
}
