using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Storage;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>
/// The file between <c>data</c> and <c>train</c>, little endian:
/// <code>
///   8 bytes        "PHIWIN02"
///   uint64         seed of the generator
///   int32          series, numbered from 0; generated ones first
///   int32          windows
///   float64[32,9]  edges of each field, rising, in the order of SensorFields.Names
///   uint8[w,32]    digits of each window: 0..9 = level, 10 = absent
///   uint8[w]       class: 0 normal, 1 candidate, 2 ignored
///   uint8[w]       kind of a candidate's fault, in the order of the simulator's FaultKind
///   int32[w]       number of a candidate's fault, unique in the file; -1 else
///   int32[w]       series
///   per series     where it comes from: uint8 kind (0 generated, 1 background of a recording, 2 recorded), name, set, device, SHA-256 of its samples (strings of
///                  BinaryWriter's form)
///   32 bytes       SHA-256 of all bytes before
/// </code>
/// Windows of one series stand together, in order of time, ten samples apart from sample 200 on.
/// </summary>
/// <param name="Edges">[field][0..8].</param>
/// <param name="Origins">Of each series.</param>
internal sealed record WindowFile(ulong Seed, double[][] Edges, TrainingWindows Windows, ImmutableArray<SeriesOrigin> Origins)
{
    private const int EdgeBytes = SensorFields.Count * FieldLevels.EdgesPerField * sizeof(double);
    private const int HeaderBytes = 8 + sizeof(ulong) + (2 * sizeof(int)) + EdgeBytes;
    private const int BytesPerWindow = SensorFields.Count + 2 + (2 * sizeof(int));

    /// <summary>SHA-256 of the content, hexadecimal; names the data in checkpoints. "" before it was read.</summary>
    public string Digest { get; private init; } = "";

    /// <summary>Number of series.</summary>
    public int Series => Origins.Length;

    /// <summary>Number of generated series; they come first.</summary>
    public int Generated => Origins.Count(o => o.Kind == SeriesKind.Generated);

    private static ReadOnlySpan<byte> Magic => "PHIWIN02"u8;

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Magic);
        writer.Write(Seed);
        writer.Write(Series);
        writer.Write(Windows.Count);
        Array.ForEach([.. Edges.SelectMany(e => e)], writer.Write);
        writer.Write(Windows.Digits);
        writer.Write(MemoryMarshal.AsBytes(Windows.Classes.AsSpan()));
        writer.Write(Windows.Kinds);
        writer.Write(MemoryMarshal.AsBytes(Windows.Events.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(Windows.Series.AsSpan()));
        foreach (var origin in Origins)
        {
            origin.Write(writer);
        }

        writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        DurableFile.Replace(path, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="InvalidDataException">It is another file, cut off or changed.</exception>
    public static WindowFile Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderBytes + SHA256.HashSizeInBytes || !bytes.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException($"{path} is no file of training windows, or one of an earlier version; make one with phitrain data.");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.BaseStream.Position = Magic.Length;
        var (seed, series, count) = (reader.ReadUInt64(), reader.ReadInt32(), reader.ReadInt32());
        if (bytes.Length < HeaderBytes + ((long)count * BytesPerWindow) + SHA256.HashSizeInBytes
            || !SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^SHA256.HashSizeInBytes..)))
        {
            throw new InvalidDataException($"{path} is cut off or damaged; make it again with phitrain data.");
        }

        var edges = Enumerable.Range(0, SensorFields.Count).Select(_ => Numbers<double>(reader, FieldLevels.EdgesPerField)).ToArray();
        var windows = new TrainingWindows
        {
            Digits = reader.ReadBytes(count * SensorFields.Count),
            Classes = Numbers<WindowClass>(reader, count),
            Kinds = reader.ReadBytes(count),
            Events = Numbers<int>(reader, count),
            Series = Numbers<int>(reader, count),
        };
        var origins = Enumerable.Range(0, series).Select(_ => SeriesOrigin.Read(reader)).ToImmutableArray();
        return new WindowFile(seed, edges, windows, origins) { Digest = Convert.ToHexStringLower(bytes.AsSpan(^SHA256.HashSizeInBytes..)) };
    }

    /// <summary>A model learns from both, windows in faults and windows without.</summary>
    /// <exception cref="InvalidDataException">All windows outside ignore zones are of one class; the message names the file as <paramref name="path"/>.</exception>
    public void NeedBothClasses(string path)
    {
        var (normal, faulty) = (Windows.Classes.Contains(WindowClass.Normal), Windows.Classes.Contains(WindowClass.Candidate));
        if (!normal || !faulty)
        {
            throw new InvalidDataException($"{path} cannot be trained on: none of its windows is {(normal ? "in a fault or labelled event" : "normal")}; make it again of more series, or of other recordings, with phitrain data.");
        }
    }

    private static T[] Numbers<T>(BinaryReader reader, int count)
        where T : unmanaged
    {
        var numbers = new T[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }
}
