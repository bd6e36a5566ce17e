package ipc;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What exported Java classes stand on: errors, checked sizes, and the walks over a frame's bytes. For those classes alone;
 * it may change in any release.
 *
 * <p>Written by {@code ipc export --lang java}; the same for every schema. Java 11, no dependencies. Frames may stand
 * anywhere in memory: buffers of the JDK need no alignment. None of them is longer than 2 GiB.
 */
public final class Wire {
    static final long FRAME_LIMIT = 1L << 32;
    static final int END_BYTES = 4;
    static final String TOO_LONG = "a frame is shorter than 4 GiB, and this one is not";

    /** Where a string or blob has no {@code max}. */
    public static final long NO_MAX = Long.MAX_VALUE;

    private Wire() {}

    /** The next multiple of {@code align} at or after {@code at}, which is far from overflow. */
    static long alignUp(long at, long align) {
        return (at + (align - 1)) / align * align;
    }

    // Numbers as the errors of every language write them.

    /** An unsigned number. */
    public static String unsigned(long value) {
        return Long.toUnsignedString(value);
    }

    /** An integer. */
    public static String text(long value) {
        return Long.toString(value);
    }

    /** In decimal, without an exponent, and with no more digits than tell it from its neighbours. */
    public static String text(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value < 0 ? "-inf" : "inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(value);
        int digits = 1;
        while (exact.round(new MathContext(digits)).doubleValue() != value) {
            digits++;
        }
        return exact.round(new MathContext(digits)).stripTrailingZeros().toPlainString();
    }

    /** Which member of which class a check is about, or which element of it. */
    public static final class Site {
        private final String className;
        private final String member;
        private final long element;

        public Site(String className, String member) {
            this(className, member, -1);
        }

        private Site(String className, String member, long element) {
            this.className = className;
            this.member = member;
            this.element = element;
        }

        public Site at(long index) {
            return new Site(className, member, index);
        }

        private String place() {
            return element < 0 ? member : member + "[" + element + "]";
        }

        public FrameException fail(String problem) {
            return new FrameException(className, place(), problem);
        }

        /** {@code range} is {@code " from 0 up to 7"}. */
        public FrameException outOfRange(String range, String found) {
            return fail("expected a value" + range + ", found " + found);
        }

        /** {@code size} and its operands, names and values in turn, say why there must be as many. */
        public FrameException otherCount(long expected, long found, String size, String... operands) {
            String because = operands.length == 0 ? "" : ", because its size is " + sizeText(size, operands);
            return fail("expected " + unsigned(expected) + " elements" + because + ", found " + found);
        }

        void checkLen(long lenBytes, long maxBytes) {
            if (lenBytes > maxBytes) {
                throw fail("expected at most " + maxBytes + " bytes (its max), found " + lenBytes);
            }
        }

        /** What is wrong inside of the member is wrong in its class. */
        public <T> T inside(Supplier<T> run) {
            try {
                return run.get();
            } catch (FrameException error) {
                throw error.inside(className, place());
            }
        }

        /** The same for what gives nothing. */
        public void within(Runnable run) {
            inside(() -> {
                run.run();
                return null;
            });
        }
    }

    // Sizes: unsigned 64-bit arithmetic, checked at every step.

    /** A size has no value. */
    public static final class SizeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SizeException(String why) {
            super(why, null, false, false);
        }

        /** {@code operands} are names and values in turn. */
        public FrameException at(Site site, String size, String... operands) {
            return site.fail("its size is " + sizeText(size, operands) + ": " + getMessage());
        }
    }

    /** {@code n*n with n = 3}. */
    private static String sizeText(String size, String... operands) {
        StringBuilder text = new StringBuilder(size);
        for (int i = 0; i < operands.length; i += 2) {
            text.append(i == 0 ? " with " : ", ").append(operands[i]).append(" = ").append(operands[i + 1]);
        }
        return text.toString();
    }

    private static SizeException noSize(String why) {
        return new SizeException("a size expression: " + why);
    }

    private static SizeException overflow(long left, String symbol, long right) {
        return noSize(unsigned(left) + " " + symbol + " " + unsigned(right) + " overflows 64 bits");
    }

    /** A signed operand. */
    public static long operand(long value) {
        if (value < 0) {
            throw noSize(value + " is negative, and sizes are unsigned");
        }
        return value;
    }

    public static long add(long left, long right) {
        if (Long.compareUnsigned(left, ~right) > 0) {
            throw overflow(left, "+", right);
        }
        return left + right;
    }

    public static long subtract(long left, long right) {
        if (Long.compareUnsigned(left, right) < 0) {
            throw noSize(unsigned(left) + " - " + unsigned(right) + " is below zero, and sizes are unsigned");
        }
        return left - right;
    }

    public static long multiply(long left, long right) {
        if (overflows(left, right)) {
            throw overflow(left, "*", right);
        }
        return left * right;
    }

    private static boolean overflows(long left, long right) {
        return right != 0 && Long.compareUnsigned(left, Long.divideUnsigned(-1L, right)) > 0;
    }

    public static long divide(long left, long right) {
        return Long.divideUnsigned(left, checkDivisor(left, right));
    }

    public static long remainder(long left, long right) {
        return Long.remainderUnsigned(left, checkDivisor(left, right));
    }

    private static long checkDivisor(long left, long right) {
        if (right == 0) {
            throw noSize(unsigned(left) + " is divided by zero");
        }
        return right;
    }

    public static long minimum(long left, long right) {
        return Long.compareUnsigned(left, right) < 0 ? left : right;
    }

    public static long maximum(long left, long right) {
        return Long.compareUnsigned(left, right) > 0 ? left : right;
    }

    /** The product of an array's dimensions, from left to right: an overflow before a zero is an error too. */
    public static long elementCount(long... dims) {
        long count = 1;
        for (long dim : dims) {
            if (overflows(count, dim)) {
                throw new SizeException("the number of elements overflows 64 bits");
            }
            count *= dim;
        }
        return count;
    }


    // Values in a frame. Where Java has no unsigned type, a value has the next wider one; uint64 is a long's 64 bits.

    public static byte getInt8(ByteBuffer bytes, int at) {
        return bytes.get(at);
    }

    public static short getInt16(ByteBuffer bytes, int at) {
        return bytes.getShort(at);
    }

    public static int getInt32(ByteBuffer bytes, int at) {
        return bytes.getInt(at);
    }

    public static long getInt64(ByteBuffer bytes, int at) {
        return bytes.getLong(at);
    }

    public static int getUint8(ByteBuffer bytes, int at) {
        return Byte.toUnsignedInt(bytes.get(at));
    }

    public static int getUint16(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }

    public static long getUint32(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    public static long getUint64(ByteBuffer bytes, int at) {
        return bytes.getLong(at);
    }

    public static float getFloat32(ByteBuffer bytes, int at) {
        return bytes.getFloat(at);
    }

    public static double getFloat64(ByteBuffer bytes, int at) {
        return bytes.getDouble(at);
    }

    public static boolean getBool(ByteBuffer bytes, int at) {
        return bytes.get(at) != 0;
    }

    public static char getChar(ByteBuffer bytes, int at) {
        return (char) Byte.toUnsignedInt(bytes.get(at));
    }

    public static void putInt8(ByteBuffer bytes, int at, byte value, Site site) {
        bytes.put(at, value);
    }

    public static void putInt16(ByteBuffer bytes, int at, short value, Site site) {
        bytes.putShort(at, value);
    }

    public static void putInt32(ByteBuffer bytes, int at, int value, Site site) {
        bytes.putInt(at, value);
    }

    public static void putInt64(ByteBuffer bytes, int at, long value, Site site) {
        bytes.putLong(at, value);
    }

    public static void putUint8(ByteBuffer bytes, int at, int value, Site site) {
        bytes.put(at, (byte) fitting(value, 0xffL, site));
    }

    public static void putUint16(ByteBuffer bytes, int at, int value, Site site) {
        bytes.putShort(at, (short) fitting(value, 0xffffL, site));
    }

    public static void putUint32(ByteBuffer bytes, int at, long value, Site site) {
        bytes.putInt(at, (int) fitting(value, 0xffffffffL, site));
    }

    public static void putUint64(ByteBuffer bytes, int at, long value, Site site) {
        bytes.putLong(at, value);
    }

    public static void putFloat32(ByteBuffer bytes, int at, float value, Site site) {
        bytes.putFloat(at, value);
    }

    public static void putFloat64(ByteBuffer bytes, int at, double value, Site site) {
        bytes.putDouble(at, value);
    }

    public static void putBool(ByteBuffer bytes, int at, boolean value, Site site) {
        bytes.put(at, (byte) (value ? 1 : 0));
    }

    public static void putChar(ByteBuffer bytes, int at, char value, Site site) {
        bytes.put(at, (byte) fitting(value, 0xffL, site));
    }

    /** The wider type may hold what the frame cannot. */
    private static long fitting(long value, long greatest, Site site) {
        if (value < 0 || value > greatest) {
            throw site.outOfRange(" from 0 up to " + greatest, text(value));
        }
        return value;
    }

    public static boolean isPresent(ByteBuffer bytes, int at, int mask) {
        return (bytes.get(at) & mask) != 0;
    }

    public static void setPresent(ByteBuffer bytes, int at, int mask, boolean present) {
        bytes.put(at, (byte) (present ? bytes.get(at) | mask : bytes.get(at) & ~mask));
    }

    // Buffers: each has its own position, and starts with index 0.

    /** A part of a buffer, without a copy. */
    public static ByteBuffer slice(ByteBuffer bytes, long at, long len) {
        ByteBuffer part = bytes.duplicate();
        part.position((int) at).limit((int) (at + len));
        return part.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All that remains, to be read alone. */
    public static ByteBuffer reading(ByteBuffer frame) {
        return frame.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All that remains, with a position of its own. */
    public static ByteBuffer whole(ByteBuffer bytes) {
        return bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A copy of what decides where something is: another process may change it. */
    public static ByteBuffer once(ByteBuffer bytes, int at, int len) {
        return whole(ByteBuffer.wrap(copy(slice(bytes, at, len))));
    }

    /** A new frame. */
    public static ByteBuffer allocate(long lenBytes, String className) {
        if (lenBytes > Integer.MAX_VALUE) {
            throw new Site(className, "").fail("an array of Java is shorter than 2 GiB, and this frame is not");
        }
        return ByteBuffer.allocate((int) lenBytes);
    }

    /** The bytes of a fixed class's frame. */
    public static ByteBuffer fixed(ByteBuffer bytes, int size, String className) {
        if (bytes.capacity() != size) {
            throw new Site(className, "").fail(
                "expected an aligned frame of " + size + " bytes, found " + bytes.capacity() + " (SizeMismatch)");
        }
        return bytes;
    }

    public static void clear(ByteBuffer bytes, long at, long len) {
        ByteBuffer part = slice(bytes, at, len);
        while (part.remaining() >= Long.BYTES) {
            part.putLong(0);
        }
        while (part.hasRemaining()) {
            part.put((byte) 0);
        }
    }

    // Arrays in a frame.

    /** An array of structs: each element is made when it is asked for. */
    public static <T> List<T> list(long size, Site site, IntFunction<T> element) {
        return new Computed<>((int) size, site, element);
    }

    private static final class Computed<T> extends AbstractList<T> implements RandomAccess {
        private final int size;
        private final Site site;
        private final IntFunction<T> element;

        Computed(int size, Site site, IntFunction<T> element) {
            this.size = size;
            this.site = site;
            this.element = element;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public T get(int index) {
            if (index < 0 || index >= size) {
                String problem = "expected an index below " + size + ", found " + index;
                throw new IndexOutOfBoundsException(site.fail(problem).getMessage());
            }
            return element.apply(index);
        }
    }

    /** An array of bools: any byte but 0 is true, and true is written as 1. */
    public static List<Boolean> bools(ByteBuffer bytes) {
        return new Bools(bytes);
    }

    private static final class Bools extends AbstractList<Boolean> implements RandomAccess {
        private final ByteBuffer bytes;

        Bools(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public int size() {
            return bytes.capacity();
        }

        @Override
        public Boolean get(int index) {
            return bytes.get(index) != 0;
        }

        @Override
        public Boolean set(int index, Boolean value) {
            boolean before = get(index);
            bytes.put(index, (byte) (value ? 1 : 0));
            return before;
        }
    }

    /** Bytes from numbers in 0 … 255, as they are. */
    public static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    public static short[] shorts(int... values) {
        short[] shorts = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            shorts[i] = (short) values[i];
        }
        return shorts;
    }

    public static int[] ints(long... values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            ints[i] = (int) values[i];
        }
        return ints;
    }

    /** A list that can grow. */
    @SafeVarargs
    public static <T> List<T> listOf(T... values) {
        List<T> list = new ArrayList<>(values.length);
        for (T value : values) {
            list.add(value);
        }
        return list;
    }

    /** A list of new values. */
    public static <T> List<T> fresh(int count, Supplier<T> value) {
        List<T> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value.get());
        }
        return values;
    }

    private static void checkLength(int expected, int found, Site site) {
        if (expected != found) {
            throw site.otherCount(expected, found, "");
        }
    }

    public static void fill(ByteBuffer place, byte[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(ShortBuffer place, short[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(IntBuffer place, int[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(LongBuffer place, long[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(FloatBuffer place, float[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(DoubleBuffer place, double[] values, Site site) {
        checkLength(place.remaining(), values.length, site);
        place.put(values);
    }

    public static void fill(List<Boolean> place, boolean[] values, Site site) {
        checkLength(place.size(), values.length, site);
        for (int i = 0; i < values.length; i++) {
            place.set(i, values[i]);
        }
    }

    public static <O, W> void fill(List<W> places, List<O> values, BiConsumer<O, W> fill, Site site) {
        checkLength(places.size(), values.size(), site);
        for (int i = 0; i < places.size(); i++) {
            O value = values.get(i);
            W place = places.get(i);
            site.at(i).within(() -> fill.accept(value, place));
        }
    }

    public static <V> void validate(List<V> views, Consumer<V> validate, Site site) {
        for (int i = 0; i < views.size(); i++) {
            V view = views.get(i);
            site.at(i).within(() -> validate.accept(view));
        }
    }

    public static byte[] copy(ByteBuffer from) {
        byte[] values = new byte[from.remaining()];
        from.duplicate().get(values);
        return values;
    }

    public static short[] copy(ShortBuffer from) {
        short[] values = new short[from.remaining()];
        from.get(values);
        return values;
    }

    public static int[] copy(IntBuffer from) {
        int[] values = new int[from.remaining()];
        from.get(values);
        return values;
    }

    public static long[] copy(LongBuffer from) {
        long[] values = new long[from.remaining()];
        from.get(values);
        return values;
    }

    public static float[] copy(FloatBuffer from) {
        float[] values = new float[from.remaining()];
        from.get(values);
        return values;
    }

    public static double[] copy(DoubleBuffer from) {
        double[] values = new double[from.remaining()];
        from.get(values);
        return values;
    }

    public static boolean[] copy(List<Boolean> from) {
        boolean[] values = new boolean[from.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.get(i);
        }
        return values;
    }

    public static <O, V> List<O> copy(List<V> from, Function<V, O> copy) {
        List<O> values = new ArrayList<>(from.size());
        for (V view : from) {
            values.add(copy.apply(view));
        }
        return values;
    }

    // Text.

    /** A string of a frame. */
    public static String text(ByteBuffer bytes, Site site) {
        int at = invalidUtf8(bytes);
        if (at >= 0) {
            throw site.fail("expected UTF-8, found an invalid sequence at byte " + at);
        }
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** Where the first byte stands that is no UTF-8; negative if all is. */
    private static int invalidUtf8(ByteBuffer text) {
        int size = text.capacity();
        int at = 0;
        while (at < size) {
            int lead = getUint8(text, at);
            if (lead < 0x80) {
                at++;
                continue;
            }
            // How many bytes follow, and what the first of them may be: no form that is too long, no half of a surrogate
            // pair, nothing above U+10FFFF.
            int more = 0;
            int least = 0x80;
            int greatest = 0xbf;
            if (lead >= 0xc2 && lead <= 0xdf) {
                more = 1;
            } else if (lead >= 0xe0 && lead <= 0xef) {
                more = 2;
                least = lead == 0xe0 ? 0xa0 : least;
                greatest = lead == 0xed ? 0x9f : greatest;
            } else if (lead >= 0xf0 && lead <= 0xf4) {
                more = 3;
                least = lead == 0xf0 ? 0x90 : least;
                greatest = lead == 0xf4 ? 0x8f : greatest;
            }
            if (more == 0 || size - at <= more || getUint8(text, at + 1) < least || getUint8(text, at + 1) > greatest) {
                return at;
            }
            for (int i = 2; i <= more; i++) {
                if ((text.get(at + i) & 0xc0) != 0x80) {
                    return at;
                }
            }
            at += more + 1;
        }
        return -1;
    }

    /** The bytes of a string; a half of a surrogate pair has none. */
    private static byte[] utf8(String text, Site site) {
        for (int i = 0; i < text.length(); i++) {
            if (isPair(text, i)) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                int at = utf8Length(text.substring(0, i));
                throw site.fail("expected UTF-8, found an invalid sequence at byte " + at);
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int utf8Length(String text) {
        int len = 0;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (isPair(text, i)) {
                i++;
                len += 4;
            } else {
                len += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
            }
        }
        return len;
    }

    private static boolean isPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
            && at + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(at + 1));
    }

    // What may fill a region by itself, or stand in an array of variable elements.

    /**
     * A kind of variable size.
     *
     * @param <O> its owned value
     * @param <I> what is read of it
     * @param <W> what it is written by
     * @param <D> what fixes its size
     */
    public abstract static class Kind<O, I, W, D> {
        /** Where elements start. */
        abstract int align();

        /** Checks all that decides where something is. */
        abstract void check(ByteBuffer bytes, Site site, long maxBytes);

        /** What is read. An error if a string is not UTF-8. */
        public abstract I view(ByteBuffer bytes, Site site);

        public abstract W edit(ByteBuffer bytes);

        abstract void build(D dims, Builder builder, Site site, long maxBytes);

        public abstract D dims(O value, Site site);

        public abstract void fill(O value, W place, Site site);

        abstract O copy(I item, Site site);

        void validate(I item, Site site) {}

        public List<D> dimsOf(List<O> values, Site site) {
            List<D> dims = new ArrayList<>(values.size());
            for (int i = 0; i < values.size(); i++) {
                dims.add(dims(values.get(i), site.at(i)));
            }
            return dims;
        }
    }

    public static final Kind<byte[], ByteBuffer, ByteBuffer, Integer> BLOB = new Kind<>() {
        @Override
        int align() {
            return 1;
        }

        @Override
        void check(ByteBuffer bytes, Site site, long maxBytes) {
            site.checkLen(bytes.capacity(), maxBytes);
        }

        @Override
        public ByteBuffer view(ByteBuffer bytes, Site site) {
            return bytes;
        }

        @Override
        public ByteBuffer edit(ByteBuffer bytes) {
            return bytes;
        }

        @Override
        void build(Integer lenBytes, Builder builder, Site site, long maxBytes) {
            site.checkLen(lenBytes, maxBytes);
            builder.advance(operandOf(lenBytes, site), site);
        }

        @Override
        public Integer dims(byte[] value, Site site) {
            return value.length;
        }

        @Override
        public void fill(byte[] value, ByteBuffer place, Site site) {
            place.duplicate().put(value);
        }

        @Override
        byte[] copy(ByteBuffer item, Site site) {
            return Wire.copy(item);
        }
    };

    public static final Kind<String, String, ByteBuffer, Integer> TEXT = new Kind<>() {
        @Override
        int align() {
            return 1;
        }

        @Override
        void check(ByteBuffer bytes, Site site, long maxBytes) {
            site.checkLen(bytes.capacity(), maxBytes);
        }

        @Override
        public String view(ByteBuffer bytes, Site site) {
            return text(bytes, site);
        }

        @Override
        public ByteBuffer edit(ByteBuffer bytes) {
            return bytes;
        }

        @Override
        void build(Integer lenBytes, Builder builder, Site site, long maxBytes) {
            BLOB.build(lenBytes, builder, site, maxBytes);
        }

        @Override
        public Integer dims(String value, Site site) {
            return utf8Length(value);
        }

        @Override
        public void fill(String value, ByteBuffer place, Site site) {
            place.duplicate().put(utf8(value, site));
        }

        @Override
        String copy(String item, Site site) {
            return item;
        }
    };

    /** A length from a caller. */
    private static long operandOf(long lenBytes, Site site) {
        if (lenBytes < 0) {
            throw site.outOfRange(" from 0", text(lenBytes));
        }
        return lenBytes;
    }

    /** A variable class. */
    public abstract static class Nested<O, V, W, D> extends Kind<O, V, W, D> {
        protected abstract V view(ByteBuffer bytes);

        protected abstract void build(D dims, Builder builder);

        protected abstract D dims(O value);

        protected abstract void fill(O value, W place);

        protected abstract O copy(V view);

        protected abstract void validate(V view);

        @Override
        int align() {
            return 8;
        }

        @Override
        void check(ByteBuffer bytes, Site site, long maxBytes) {
            view(bytes, site);
        }

        @Override
        public V view(ByteBuffer bytes, Site site) {
            return site.inside(() -> view(bytes));
        }

        @Override
        void build(D dims, Builder builder, Site site, long maxBytes) {
            site.within(() -> build(dims, builder));
        }

        @Override
        public D dims(O value, Site site) {
            return site.inside(() -> dims(value));
        }

        @Override
        public void fill(O value, W place, Site site) {
            site.within(() -> fill(value, place));
        }

        @Override
        O copy(V view, Site site) {
            return site.inside(() -> copy(view));
        }

        @Override
        void validate(V view, Site site) {
            site.within(() -> validate(view));
        }
    }

    /** An array of variable elements: a table of ends, then the bodies. Each is checked again when it is asked for. */
    public static final class Elements<O, I, W, D> {
        private final Kind<O, I, W, D> kind;
        private final ByteBuffer region;
        private final long count;
        private final Site site;
        private final long maxBytes;
        private final long first;

        Elements(Kind<O, I, W, D> kind, ByteBuffer region, long count, Site site, long maxBytes) {
            this.kind = kind;
            this.region = region;
            this.count = count;
            this.site = site;
            this.maxBytes = maxBytes;
            boolean fits = Long.compareUnsigned(count, FRAME_LIMIT / END_BYTES) < 0;
            this.first = fits ? alignUp(END_BYTES * count, 8) : FRAME_LIMIT;
        }

        /** What is read, element by element. */
        public List<I> items() {
            return list(count, site, index -> kind.view(checked(index), site.at(index)));
        }

        /** What is written, element by element. */
        public List<W> places() {
            return list(count, site, index -> kind.edit(body(index)));
        }

        public List<O> copy() {
            List<O> values = new ArrayList<>((int) count);
            List<I> items = items();
            for (int i = 0; i < count; i++) {
                values.add(kind.copy(items.get(i), site.at(i)));
            }
            return values;
        }

        public void validate() {
            List<I> items = items();
            for (int i = 0; i < count; i++) {
                kind.validate(items.get(i), site.at(i));
            }
        }

        public void fill(List<O> values) {
            List<W> places = places();
            for (int i = 0; i < count; i++) {
                kind.fill(values.get(i), places.get(i), site.at(i));
            }
        }

        /** Checks the table, then every element. */
        void check() {
            long size = region.capacity();
            if (count == 0) {
                if (size != 0) {
                    throw site.fail("an array without elements has a region of " + size + " bytes");
                }
                return;
            }
            if (first >= FRAME_LIMIT) {
                throw site.fail(TOO_LONG);
            }
            checkInside(first);
            long end = 0;
            for (int i = 0; i < count; i++) {
                end = checkEnd(i, alignUp(end, kind.align()), endOf(i));
            }
            if (first + end != size) {
                throw site.fail("the last region ends at byte " + (first + end) + ", but there are " + size + " bytes");
            }
            for (int i = 0; i < count; i++) {
                checked(i);
            }
        }

        private ByteBuffer checked(int index) {
            ByteBuffer body = body(index);
            kind.check(body, site.at(index), maxBytes);
            return body;
        }

        private ByteBuffer body(int index) {
            checkInside(first);
            long start = index == 0 ? 0 : alignUp(endOf(index - 1), kind.align());
            long end = checkEnd(index, start, endOf(index));
            return slice(region, first + start, end - start);
        }

        private long endOf(int index) {
            return getUint32(region, END_BYTES * index);
        }

        private long checkEnd(int index, long start, long end) {
            if (end < start) {
                throw site.fail("end " + index + " of an array of variable elements is " + end + ", before its start " + start);
            }
            if (first + end >= FRAME_LIMIT) {
                throw site.fail(TOO_LONG);
            }
            checkInside(first + end);
            return end;
        }

        private void checkInside(long end) {
            if (end > region.capacity()) {
                throw site.fail("a region ends at byte " + end + " of only " + region.capacity() + " bytes");
            }
        }
    }

    /** Lays a frame out from its dimensions: to learn its size, or to write it. */
    public static final class Builder {
        private final ByteBuffer frame;
        private final long room;
        private long position;

        /** Finds the size, and writes nothing. */
        public Builder() {
            frame = null;
            room = FRAME_LIMIT - 1;
        }

        /** Writes hidden bytes and dimensions, and zeros everywhere else. */
        public Builder(ByteBuffer frame) {
            this.frame = frame;
            room = frame.capacity();
        }

        public long position() {
            return position;
        }

        private void advance(long lenBytes, Site site) {
            long end = position + lenBytes;
            if (end > room) {
                throw site.fail(end >= FRAME_LIMIT
                    ? TOO_LONG
                    : "expected at least " + end + " bytes of room, found " + room);
            }
            if (frame != null) {
                clear(frame, position, lenBytes);
            }
            position = end;
        }

        /** Zeros up to the next multiple of 8. */
        private void pad(Site site) {
            advance(alignUp(position, 8) - position, site);
        }
    }

    /** The body of one class that is being laid out: the fixed part, then its regions. */
    public static final class Body {
        private final Builder builder;
        private final String className;
        private final long start;
        private final int size;

        public Body(Builder builder, String className, int size) {
            this.builder = builder;
            this.className = className;
            this.start = builder.position;
            this.size = size;
            builder.advance(size, new Site(className, ""));
        }

        public void array(String member, long count, int elementBytes) {
            Site site = new Site(className, member);
            builder.pad(site);
            boolean fits = Long.compareUnsigned(count, FRAME_LIMIT / elementBytes) <= 0;
            builder.advance(fits ? count * elementBytes : FRAME_LIMIT, site);
        }

        /** Gives the length. */
        public <O, I, W, D> long one(Kind<O, I, W, D> kind, String member, D dims, long maxBytes) {
            Site site = new Site(className, member);
            builder.pad(site);
            long begin = builder.position;
            kind.build(dims, builder, site, maxBytes);
            return builder.position - begin;
        }

        /** Gives the length. */
        public <O, I, W, D> long list(Kind<O, I, W, D> kind, String member, long count, List<D> dims, long maxBytes) {
            Site site = new Site(className, member);
            if (count != dims.size()) {
                throw site.fail(
                    "expected dimensions for " + unsigned(count) + " elements, found them for " + dims.size());
            }
            builder.pad(site);
            long begin = builder.position;
            builder.advance(END_BYTES * count, site);
            builder.pad(site);
            long first = builder.position;
            for (int i = 0; i < dims.size(); i++) {
                if (kind.align() == 8) {
                    builder.pad(site);
                }
                kind.build(dims.get(i), builder, site.at(i), maxBytes);
                if (builder.frame != null) {
                    builder.frame.putInt((int) (begin + END_BYTES * i), (int) (builder.position - first));
                }
            }
            return builder.position - begin;
        }

        /** The empty region of an absent member stands where a region would. */
        public void absent(String member) {
            builder.pad(new Site(className, member));
        }

        /** The fixed part; null if nothing is written. */
        public ByteBuffer fixed() {
            return builder.frame == null ? null : slice(builder.frame, start, size);
        }
    }

    /** Takes a body apart, region by region, and checks each before it is trusted. */
    public static final class Reader {
        private final String className;
        private final ByteBuffer bytes;
        private final long size;
        private long end;

        public Reader(String className, ByteBuffer bytes, int fixedBytes) {
            this.className = className;
            this.bytes = bytes;
            size = bytes.capacity();
            if (size < fixedBytes) {
                throw new Site(className, "").fail("expected " + fixedBytes + " bytes for the fixed part, found " + size);
            }
            end = fixedBytes;
        }

        public ByteBuffer array(String member, long count, int elementBytes) {
            boolean fits = Long.compareUnsigned(count, FRAME_LIMIT) < 0 && count * elementBytes < FRAME_LIMIT;
            if (!fits) {
                throw new Site(className, member).fail(TOO_LONG);
            }
            return region(member, count * elementBytes);
        }

        public <O, I, W, D> ByteBuffer one(Kind<O, I, W, D> kind, String member, long lenBytes, long maxBytes) {
            ByteBuffer body = region(member, lenBytes);
            kind.check(body, new Site(className, member), maxBytes);
            return body;
        }

        public <O, I, W, D> Elements<O, I, W, D> list(
                Kind<O, I, W, D> kind, String member, long lenBytes, long count, long maxBytes) {
            Site site = new Site(className, member);
            Elements<O, I, W, D> elements = new Elements<>(kind, region(member, lenBytes), count, site, maxBytes);
            elements.check();
            return elements;
        }

        public void absent(String member, long lenBytes) {
            if (lenBytes != 0) {
                throw new Site(className, member).fail("an absent member has a length of " + lenBytes + " bytes");
            }
            region(member, 0);
        }

        /** The body ends where its last region ends. */
        public void finish() {
            if (end != size) {
                throw new Site(className, "").fail(
                    "the last region ends at byte " + end + ", but there are " + size + " bytes");
            }
        }

        /** The next region. */
        public ByteBuffer region(String member, long lenBytes) {
            long start = alignUp(end, 8);
            if (start + lenBytes > size) {
                throw new Site(className, member).fail(
                    "a region ends at byte " + (start + lenBytes) + " of only " + size + " bytes");
            }
            end = start + lenBytes;
            return slice(bytes, start, lenBytes);
        }
    }
}
