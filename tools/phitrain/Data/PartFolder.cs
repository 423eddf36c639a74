using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Storage;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>
/// The raw windows that a run of <c>data</c> has computed so far, beside its output, so that a run that was killed goes on. A part is written whole or not at all:
/// "PHIPART1", identity and name, number of series, the series, SHA-256 of all bytes before (BinaryWriter's form).
/// </summary>
/// <param name="identity">Names everything that the parts depend on; parts of another identity are not used.</param>
internal sealed class PartFolder(string folder, string identity)
{
    private const string Magic = "PHIPART1";

    /// <summary>Parts that were there and could not be used: cut off, damaged, of other settings, or under a wrong name.</summary>
    public int Unusable { get; private set; }

    /// <summary>The series of a part; null when it has to be made.</summary>
    public RawSeries[]? Read(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(path);
        var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
        if (content.IsEmpty || !SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            Unusable++;
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(bytes));
        if (reader.ReadString() != Magic || reader.ReadString() != IdentityOf(name))
        {
            Unusable++;
            return null;
        }

        return [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadSeries(reader))];
    }

    /// <summary>Replaces a part.</summary>
    public void Write(string name, IReadOnlyCollection<RawSeries> series)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Magic);
        writer.Write(IdentityOf(name));
        writer.Write(series.Count);
        foreach (var s in series)
        {
            WriteSeries(writer, s);
        }

        writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        Directory.CreateDirectory(folder);
        DurableFile.Replace(PathOf(name), bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Everything is in the output now.</summary>
    public void Delete()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string IdentityOf(string name) => $"{identity} {name}";

    private string PathOf(string name) => Path.Combine(folder, name + ".part");

    private static void WriteSeries(BinaryWriter writer, RawSeries series)
    {
        series.Origin!.Write(writer);
        writer.Write(series.Samples);
        Write<float>(writer, series.Fields);
        Write<WindowClass>(writer, series.Classes);
        Write<byte>(writer, series.Kinds);
        Write<int>(writer, series.Events);
        Write<int>(writer, series.Ends);
        Write(writer, series.Faults.AsSpan());
    }

    private static RawSeries ReadSeries(BinaryReader reader)
    {
        var (origin, samples) = (SeriesOrigin.Read(reader), reader.ReadInt32());
        return new RawSeries(
            Read<float>(reader), Read<WindowClass>(reader), Read<byte>(reader), Read<int>(reader), Read<int>(reader), samples, ImmutableCollectionsMarshal.AsImmutableArray(Read<Fault>(reader)))
        {
            Origin = origin,
        };
    }

    private static void Write<T>(BinaryWriter writer, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        writer.Write(items.Length);
        writer.Write(MemoryMarshal.AsBytes(items));
    }

    private static T[] Read<T>(BinaryReader reader)
        where T : unmanaged
    {
        var items = new T[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }
}
