import ipc.FrameException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import robot.Cloud;
import robot.Label;
import robot.State;

/** Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why. */
final class InPlace {
    private InPlace() {}

    public static void main(String[] arguments) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, false, "UTF-8"));
        Cloud.Dims dims = dims();
        int size = Math.toIntExact(Cloud.frameSize(dims));
        ByteBuffer room = ByteBuffer.allocateDirect(1024);
        while (room.hasRemaining()) {
            room.put((byte) 0xaa);
        }
        // A frame may stand anywhere, and is what remains of a buffer.
        room.position(3).limit(3 + size);
        Cloud.Writer frame = new Cloud.Writer(room, dims);
        write(frame);
        frame.finish();
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < size; i++) {
            hex.append(String.format("%02x", room.get(3 + i)));
        }
        System.out.println(hex);

        Cloud.View view = new Cloud.View(room);
        System.out.println(view.stamp() + " " + (view.flag() ? 1 : 0) + " " + view.points().size() + " "
            + view.points().get(1).y() + " " + view.frameId() + " " + view.name() + " " + view.label().text() + " "
            + view.labels().get(0).text() + " " + view.names().get(0) + " " + view.chunks().get(0).remaining() + " "
            + (int) view.weights().get(0) + " " + view.gain().intValue() + " " + (view.armed() ? 1 : 0) + " "
            + (view.blob() == null ? 0 : 1) + (view.maybe() == null ? 0 : 1));
        frame.weights().put(1, 5);
        frame.points().get(0).setX(6);
        boolean sees = view.weights().get(1) == 5 && view.points().get(0).x() == 6;
        boolean readOnly = view.weights().isReadOnly() && view.q().isReadOnly() && view.chunks().get(0).isReadOnly();
        System.out.println(sees && readOnly ? "no copy" : "a copy");

        refused(() -> new Cloud.Writer(ByteBuffer.allocate(size - 1), dims));
        refused(() -> view.names().get(2));
        refused(() -> {
            frame.label().setScore(2);
            frame.finish();
        });
        refused(() -> {
            Cloud.Dims other = new Cloud.Dims();
            other.cols = 2049;
            Cloud.frameSize(other);
        });
        refused(() -> {
            Cloud.Dims other = new Cloud.Dims();
            other.head.n = 2;
            Cloud.frameSize(other);
        });
        refused(() -> {
            Cloud.Dims other = new Cloud.Dims();
            other.names = List.of(6, 0);
            Cloud.frameSize(other);
        });
        refused(() -> {
            Cloud cloud = new Cloud();
            cloud.rows = 2;
            cloud.cols = 1;
            cloud.points.add(new robot.Vec3());
            cloud.serialize();
        });
        refused(() -> {
            Cloud cloud = new Cloud();
            cloud.names = new ArrayList<>(List.of("\ud800", ""));
            cloud.serialize();
        });

        room.limit(3 + State.SIZE);
        State.Writer state = new State.Writer(room);
        state.setStamp(7);
        state.setTemperature(151.0);
        refused(state::finish);
        state.setTemperature(null);
        state.finish();
        System.out.println(new State.View(room).stamp());

        // What Java alone can hold, because its types are wider, or its arrays have no length of their own.
        refused(() -> state.setSelf(65536));
        refused(() -> {
            State other = new State();
            other.q = new double[5];
            other.serialize();
        });
        System.out.flush();
    }

    private static Cloud.Dims dims() {
        Cloud.Dims dims = new Cloud.Dims();
        dims.rows = 2;
        dims.cols = 1;
        dims.head.n = 1;
        dims.head.m = 1;
        dims.frameId = 4;
        dims.name = 3;
        dims.label.text = 2;
        Label.Dims label = new Label.Dims();
        label.text = 1;
        dims.labels.add(label);
        dims.names = List.of(1, 0);
        dims.chunks = List.of(2);
        dims.weights = true;
        return dims;
    }

    private static void write(Cloud.Writer frame) throws Exception {
        frame.setStamp(-5);
        frame.setFlag(true);
        frame.points().get(1).setY(2.5F);
        frame.q().put(5, 1);
        frame.frameId().put("base".getBytes("UTF-8"));
        frame.name().put("abc".getBytes("UTF-8"));
        frame.label().setScore(0.5F);
        frame.label().text().put("hi".getBytes("UTF-8"));
        for (Label.Writer label : frame.labels()) {
            label.setScore(1);
            label.text().put((byte) 'x');
        }
        frame.names().get(0).put((byte) 'n');
        frame.chunks().get(0).put(1, (byte) 9);
        frame.weights().put(0, -1);
        frame.setGain(3.0);
        frame.setArmed(false);
    }

    private static void refused(Runnable run) {
        try {
            run.run();
            System.out.println("not refused");
        } catch (FrameException | IndexOutOfBoundsException error) {
            System.out.println(error.getMessage());
        }
    }
}
