// Written by `ipc export --lang java`. Do not edit: change the description, and export it again.

package robot;

import ipc.Wire;
import java.nio.*;
import java.util.*;

/**
 * one turn of the sensor
 */
@SuppressWarnings("deprecation")
public final class Scan {
    public static final String CLASS_NAME = "Scan";

    /** The class and all it uses, as canonical JSON. */
    public static final String SCHEMA = String.join("",
        "{\"namespace\":\"robot\",\"enums\":[\n",
        "{\"enumName\":\"Mode\",\"comment\":\"how it measures\",\"base\":\"uint8\",\"values\":{\"Idle\":0,\"Fast\":1}}\n",
        "],\"classes\":[\n",
        "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n",
        "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n",
        "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n",
        "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n",
        "]},\n",
        "{\"className\":\"Scan\",\"comment\":\"one turn of the sensor\",\"members\":[\n",
        "{\"name\":\"stamp\",\"type\":\"int64\",\"unit\":\"ns\"},\n",
        "{\"name\":\"n\",\"type\":\"uint16\",\"comment\":\"ranges of each beam\",\"max\":4096},\n",
        "{\"name\":\"mode\",\"type\":\"Mode\",\"default\":\"Fast\"},\n",
        "{\"name\":\"pose\",\"type\":\"Pose\"},\n",
        "{\"name\":\"ranges\",\"type\":\"array\",\"size\":[4,\"n\"],\"elem\":{\"type\":\"float32\",\"unit\":\"m\",\"min\":0.0}},\n",
        "{\"name\":\"labels\",\"type\":\"array\",\"size\":[\"n\"],\"elem\":{\"type\":\"string\",\"max\":20}},\n",
        "{\"name\":\"temperature\",\"type\":\"float32\",\"optional\":true}\n",
        "]}\n",
        "]}\n");

    /** Bytes of the fixed part of a frame. */
    public static final int SIZE = 56;

    /** Hash of the class, 16 bytes: two programs compare it before they exchange a frame. */
    public static byte[] fingerprint() {
        return Wire.bytes(0x3d, 0xed, 0xc9, 0xe1, 0xf1, 0x3c, 0x19, 0x62, 0x7a, 0x57, 0x13, 0x56, 0x2d, 0x8d, 0x8f, 0xb2);
    }

    /**
     * Unit: ns.
     */
    public long stamp;

    /**
     * ranges of each beam<br>
     * Bounds: at most 4096.
     */
    public int n;

    /**
     * Values of {@link Mode}, or others.
     */
    public int mode = Mode.FAST;

    public Pose pose = new Pose();

    /**
     * Unit of each element: m.<br>
     * Size: 4 &#215; n.<br>
     * Bounds: at least 0.0.
     */
    public float[] ranges = new float[0];

    /**
     * Size: n.<br>
     * Bounds: at most 20 bytes.
     */
    public List<String> labels = Wire.fresh(0, () -> "");

    /**
     * Null if it is absent.
     */
    public Float temperature;

    /** The bytes of a frame. Throws if arrays disagree with dimensions, or a member is outside of its bounds. */
    public byte[] serialize() {
        Dims dims = dims();
        ByteBuffer frame = Wire.allocate(frameSize(dims), CLASS_NAME);
        serializeInto(frame, dims);
        return frame.array();
    }

    /** The same, into all that remains of a buffer: {@code frameSize(dims)} bytes. Its position stays where it is. */
    public void serializeInto(ByteBuffer frame, Dims dims) {
        Writer writer = new Writer(frame, dims);
        fill(writer);
        writer.finish();
    }

    /** The value of a frame: all that remains of a buffer. */
    public static Scan deserialize(ByteBuffer frame) {
        return new View(frame).copy();
    }

    public static Scan deserialize(byte[] frame) {
        return deserialize(ByteBuffer.wrap(frame));
    }

    /** Bytes of a frame with these dimensions. Throws if that overflows, breaks a {@code max} or reaches 4 GiB. */
    public static long frameSize(Dims dims) {
        Wire.Builder builder = new Wire.Builder();
        build(dims, builder);
        return builder.position();
    }

    /** What fixes the size of this value's frame. Throws if its arrays disagree with its dimensions. */
    public Dims dims() {
        if (countRanges(this.n) != this.ranges.length) {
            throw new Wire.Site(CLASS_NAME, "ranges").otherCount(countRanges(this.n), this.ranges.length, "4 \u00d7 n", "n", Wire.text(this.n));
        }
        if (countLabels(this.n) != this.labels.size()) {
            throw new Wire.Site(CLASS_NAME, "labels").otherCount(countLabels(this.n), this.labels.size(), "n", "n", Wire.text(this.n));
        }
        Dims dims = new Dims();
        dims.n = this.n;
        dims.labels = Wire.TEXT.dimsOf(this.labels, new Wire.Site(CLASS_NAME, "labels"));
        return dims;
    }

    /** What fixes the size of a frame. */
    public static final class Dims {
        /**
         * ranges of each beam<br>
         * Bounds: at most 4096.
         */
        public int n;
        /** Length of each element of {@code labels} in bytes. */
        public List<Integer> labels = new ArrayList<>();
    }

    /** Number of elements of {@code ranges}: 4 &#215; n. */
    public static long countRanges(long mN) {
        if (mN > 4096) {
            throw new Wire.Site(CLASS_NAME, "n").outOfRange(" up to 4096", Wire.text(mN));
        }
        try {
            return Wire.elementCount(4L, mN);
        } catch (Wire.SizeException error) {
            throw error.at(new Wire.Site(CLASS_NAME, "ranges"), "4 \u00d7 n", "n", Wire.text(mN));
        }
    }

    /** Number of elements of {@code labels}: n. */
    public static long countLabels(long mN) {
        if (mN > 4096) {
            throw new Wire.Site(CLASS_NAME, "n").outOfRange(" up to 4096", Wire.text(mN));
        }
        try {
            return Wire.elementCount(mN);
        } catch (Wire.SizeException error) {
            throw error.at(new Wire.Site(CLASS_NAME, "labels"), "n", "n", Wire.text(mN));
        }
    }

    static void build(Dims dims, Wire.Builder builder) {
        Wire.Body body = new Wire.Body(builder, CLASS_NAME, SIZE);
        body.array("ranges", countRanges(dims.n), 4);
        long mLabels = body.list(Wire.TEXT, "labels", countLabels(dims.n), dims.labels, 20L);
        ByteBuffer bytes = body.fixed();
        if (bytes != null) {
            Wire.putUint16(bytes, 8, dims.n, new Wire.Site(CLASS_NAME, "n"));
            Wire.putUint32(bytes, 40, mLabels, new Wire.Site(CLASS_NAME, "labels"));
        }
    }

    /** A frame, read where it lies: valid as long as its bytes are. */
    public static final class View {
        private final ByteBuffer bytes;
        private final int mN;
        private final ByteBuffer mRanges;
        private final Wire.Elements<String, String, ByteBuffer, Integer> mLabels;

        /** Checks all that decides where something is. The frame is all that remains of a buffer. */
        public View(ByteBuffer frame) {
            bytes = Wire.reading(frame);
            Wire.Reader reader = new Wire.Reader(CLASS_NAME, bytes, SIZE);
            mN = Wire.getUint16(bytes, 8);
            mRanges = reader.array("ranges", countRanges(this.n()), 4);
            mLabels = reader.list(Wire.TEXT, "labels", Wire.getUint32(bytes, 40), countLabels(this.n()), 20L);
            reader.finish();
        }

        /**
         * Unit: ns.
         */
        public long stamp() {
            return Wire.getInt64(bytes, 0);
        }

        /**
         * ranges of each beam<br>
         * Bounds: at most 4096.
         */
        public int n() {
            return mN;
        }

        /**
         * Values of {@link Mode}, or others.
         */
        public int mode() {
            return Wire.getUint8(bytes, 10);
        }

        public Pose.View pose() {
            return new Pose.View(bytes, 16);
        }

        /**
         * Unit of each element: m.<br>
         * Size: 4 &#215; n.<br>
         * Bounds: at least 0.0.
         */
        public FloatBuffer ranges() {
            return mRanges.asFloatBuffer();
        }

        /**
         * Size: n.<br>
         * Bounds: at most 20 bytes.
         */
        public List<String> labels() {
            return mLabels.items();
        }

        /**
         * Null if it is absent.
         */
        public Float temperature() {
            return Wire.isPresent(bytes, 48, 1) ? Wire.getFloat32(bytes, 44) : null;
        }

        /** Checks {@code min} and {@code max} of every member. */
        public void validate() {
            if (!(this.n() <= 4096)) {
                throw new Wire.Site(CLASS_NAME, "n").outOfRange(" up to 4096", Wire.text(this.n()));
            }            for (int i = 0; i < mRanges.capacity() / 4; i++) {
                float it = Wire.getFloat32(mRanges, 4 * i);
                if (!(it >= 0.0F)) {
                    throw new Wire.Site(CLASS_NAME, "ranges").at(i).outOfRange(" from 0", Wire.text(it));
                }
            }        }

        /** A value of its own. Throws if a string is not UTF-8. */
        public Scan copy() {
            Scan value = new Scan();
            value.stamp = this.stamp();
            value.n = this.n();
            value.mode = this.mode();
            value.pose = this.pose().copy();
            value.ranges = Wire.copy(this.ranges());
            value.labels = mLabels.copy();
            value.temperature = this.temperature();
            return value;
        }
    }

    /** A frame, written where it lies. What fixes its size has no setter. */
    public static final class Writer {
        private final ByteBuffer bytes;
        private final int mN;
        private final ByteBuffer mRanges;
        private final Wire.Elements<String, String, ByteBuffer, Integer> mLabels;

        /** Lays a frame out, full of zeros, in all that remains of a buffer: {@code frameSize(dims)} bytes. */
        public Writer(ByteBuffer frame, Dims dims) {
            this(prepare(Wire.whole(frame), dims));
        }

        /** Over a frame that was laid out before. */
        Writer(ByteBuffer frame) {
            bytes = frame;
            Wire.Reader reader = new Wire.Reader(CLASS_NAME, bytes, SIZE);
            mN = Wire.getUint16(bytes, 8);
            mRanges = reader.array("ranges", countRanges(this.n()), 4);
            mLabels = reader.list(Wire.TEXT, "labels", Wire.getUint32(bytes, 40), countLabels(this.n()), 20L);
            reader.finish();
        }

        private static ByteBuffer prepare(ByteBuffer frame, Dims dims) {
            build(dims, new Wire.Builder(frame));
            return frame;
        }

        /**
         * Unit: ns.
         */
        public void setStamp(long value) {
            Wire.putInt64(bytes, 0, value, new Wire.Site(CLASS_NAME, "stamp"));
        }

        /**
         * ranges of each beam<br>
         * Bounds: at most 4096.
         */
        public int n() {
            return mN;
        }

        /**
         * Values of {@link Mode}, or others.
         */
        public void setMode(int value) {
            Wire.putUint8(bytes, 10, value, new Wire.Site(CLASS_NAME, "mode"));
        }

        public Pose.Writer pose() {
            return new Pose.Writer(bytes, 16);
        }

        /**
         * Unit of each element: m.<br>
         * Size: 4 &#215; n.<br>
         * Bounds: at least 0.0.
         */
        public FloatBuffer ranges() {
            return mRanges.asFloatBuffer();
        }

        /**
         * Size: n.<br>
         * Bounds: at most 20 bytes.
         */
        public List<ByteBuffer> labels() {
            return mLabels.places();
        }

        /**
         * Null takes it away.
         */
        public void setTemperature(Float value) {
            if (value == null) {
                Wire.clear(bytes, 44, 4);
            } else {
                Wire.putFloat32(bytes, 44, value, new Wire.Site(CLASS_NAME, "temperature"));
            }
            Wire.setPresent(bytes, 48, 1, value != null);
        }

        /** The last step before the frame is sent: checks {@code min} and {@code max}. */
        public void finish() {
            new View(bytes).validate();
        }
    }

    /** Puts this value into a frame that was laid out for it. */
    void fill(Writer frame) {
        frame.setStamp(this.stamp);
        frame.setMode(this.mode);
        new Wire.Site(CLASS_NAME, "pose").within(() -> this.pose.fill(frame.pose()));
        Wire.fill(frame.ranges(), this.ranges, new Wire.Site(CLASS_NAME, "ranges"));
        frame.mLabels.fill(this.labels);
        frame.setTemperature(this.temperature);
    }

    static final Wire.Nested<Scan, View, Writer, Dims> KIND = new Wire.Nested<>() {
        @Override
        protected View view(ByteBuffer bytes) {
            return new View(bytes);
        }

        @Override
        public Writer edit(ByteBuffer bytes) {
            return new Writer(bytes);
        }

        @Override
        protected void build(Dims dims, Wire.Builder builder) {
            Scan.build(dims, builder);
        }

        @Override
        protected Dims dims(Scan value) {
            return value.dims();
        }

        @Override
        protected void fill(Scan value, Writer place) {
            value.fill(place);
        }

        @Override
        protected Scan copy(View view) {
            return view.copy();
        }

        @Override
        protected void validate(View view) {
            view.validate();
        }
    };
}
