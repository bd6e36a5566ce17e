using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Ipc;
using Robot;

/// <summary>Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why.</summary>
internal static class InPlace
{
    private static readonly TextWriter Out = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));

    private static void Main()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        Cloud.Dims dims = Dims();
        int size = (int)Cloud.FrameSize(dims);
        byte[] room = new byte[1024];
        for (int i = 0; i < room.Length; i++)
        {
            room[i] = 0xaa;
        }
        // A frame may stand anywhere.
        ArraySegment<byte> place = new ArraySegment<byte>(room, 3, size);
        Cloud.Writer frame = new Cloud.Writer(place, dims);
        Write(frame);
        frame.Finish();
        Out.WriteLine(BitConverter.ToString(room, 3, size).Replace("-", "").ToLowerInvariant());

        Cloud.View view = new Cloud.View(place);
        Out.WriteLine(string.Join(" ", new object[]
        {
            view.Stamp, view.Flag ? 1 : 0, view.Points.Count, view.Points[1].Y, view.FrameId, view.Name, view.Label_.Text,
            view.Labels[0].Text, view.Names[0], view.Chunks[0].Count, view.Weights[0], view.Gain, view.Armed.Value ? 1 : 0,
            (view.Blob == null ? "0" : "1") + (view.Maybe == null ? "0" : "1"),
        }));
        frame.Weights[1] = 5;
        frame.Points[0].X = 6;
        bool sees = view.Weights[1] == 5 && view.Points[0].X == 6 && view.Weights.Bytes.Array == room;
        Out.WriteLine(sees ? "no copy" : "a copy");

        Refused(() => new Cloud.Writer(new ArraySegment<byte>(new byte[size - 1]), dims));
        Refused(() => view.Names[2].ToString());
        Refused(() =>
        {
            frame.Label_.Score = 2;
            frame.Finish();
        });
        Refused(() => Cloud.FrameSize(new Cloud.Dims { Cols = 2049 }));
        Refused(() => Cloud.FrameSize(new Cloud.Dims { Head_ = new Head { N = 2 } }));
        Refused(() => Cloud.FrameSize(new Cloud.Dims { Names = new List<int> { 6, 0 } }));
        Refused(() => new Cloud { Rows = 2, Cols = 1, Points = new List<Vec3> { new Vec3() } }.Serialize());
        Refused(() => new Cloud { Names = new List<string> { "\ud800", "" } }.Serialize());

        place = new ArraySegment<byte>(room, 3, State.FixedSize);
        State.Writer state = new State.Writer(place);
        state.Stamp = 7;
        state.Temperature = 151;
        Refused(state.Finish);
        state.Temperature = null;
        state.Finish();
        Out.WriteLine(new State.View(place).Stamp);

        // What C# alone can hold, because its arrays have no length of their own.
        Refused(() => new State { Q = new double[5] }.Serialize());
        Out.Flush();
    }

    private static Cloud.Dims Dims()
    {
        return new Cloud.Dims
        {
            Rows = 2,
            Cols = 1,
            Head_ = new Head { N = 1, M = 1 },
            FrameId = 4,
            Name = 3,
            Label_ = new Label.Dims { Text = 2 },
            Labels = new List<Label.Dims> { new Label.Dims { Text = 1 } },
            Names = new List<int> { 1, 0 },
            Chunks = new List<int> { 2 },
            Weights = true,
        };
    }

    private static void Write(Cloud.Writer frame)
    {
        frame.Stamp = -5;
        frame.Flag = true;
        frame.Points[1].Y = 2.5F;
        frame.Q[5] = 1;
        Put(frame.FrameId.Value, "base");
        Put(frame.Name, "abc");
        frame.Label_.Score = 0.5F;
        Put(frame.Label_.Text, "hi");
        foreach (Label.Writer label in frame.Labels)
        {
            label.Score = 1;
            Put(label.Text, "x");
        }
        Put(frame.Names[0], "n");
        Put(new ArraySegment<byte>(frame.Chunks[0].Array, frame.Chunks[0].Offset + 1, 1), "\t");
        frame.Weights[0] = -1;
        frame.Gain = 3;
        frame.Armed = false;
    }

    private static void Put(ArraySegment<byte> place, string text)
    {
        Encoding.UTF8.GetBytes(text, 0, text.Length, place.Array, place.Offset);
    }

    private static void Refused(Action run)
    {
        try
        {
            run();
            Out.WriteLine("not refused");
        }
        catch (FrameException error)
        {
            Out.WriteLine(error.Message);
        }
    }
}
