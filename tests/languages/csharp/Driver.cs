using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

/// <summary>Rewrites frames: see ../mod.rs. A table of classes follows.</summary>
internal static class Driver
{
    // Gives the frame, rewritten; of nothing, that of a new value.
    private static readonly Dictionary<string, Func<byte[], byte[]>> Classes = new Dictionary<string, Func<byte[], byte[]>>
    {
        // CLASSES
    };

    private static void Main()
    {
        TextReader lines = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        TextWriter answers = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        for (string line = lines.ReadLine(); line != null; line = lines.ReadLine())
        {
            string[] words = line.Split(' ');
            try
            {
                byte[] frame = words[1] == "new" ? null : FromHex(words[1]);
                answers.WriteLine("= " + ToHex(Classes[words[0]](frame)));
            }
            catch (Ipc.FrameException error)
            {
                answers.WriteLine("! " + error.Message);
            }
        }
        answers.Flush();
    }

    private static byte[] FromHex(string hex)
    {
        byte[] bytes = new byte[hex == "-" ? 0 : hex.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
        }
        return bytes;
    }

    private static string ToHex(byte[] bytes)
    {
        return bytes.Length == 0 ? "-" : BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
    }
}
