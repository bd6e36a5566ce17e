import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Rewrites frames: see ../mod.rs. A table of classes follows. */
@SuppressWarnings("deprecation")
final class Driver {
    /** Gives the frame, rewritten; of nothing, that of a new value. */
    private static final Map<String, UnaryOperator<byte[]>> CLASSES = new HashMap<>();

    private Driver() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream answers = new PrintStream(System.out, false, "UTF-8");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            try {
                byte[] frame = words[1].equals("new") ? null : fromHex(words[1]);
                answers.println("= " + toHex(CLASSES.get(words[0]).apply(frame)));
            } catch (ipc.FrameException error) {
                answers.println("! " + error.getMessage());
            }
        }
        answers.flush();
    }

    private static byte[] fromHex(String hex) {
        byte[] bytes = new byte[hex.equals("-") ? 0 : hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    private static String toHex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte value : bytes) {
            hex.append(Character.forDigit(value >> 4 & 15, 16)).append(Character.forDigit(value & 15, 16));
        }
        return bytes.length == 0 ? "-" : hex.toString();
    }

    static {
        // CLASSES
    }
}
