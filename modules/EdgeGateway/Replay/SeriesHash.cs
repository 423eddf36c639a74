using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeGateway.Replay;

/// <summary>
/// Names a series by its samples, whatever its file is called: SHA-256 over its rows, each as the event time in Unix seconds and then the values, all float64 little
/// endian, a missing value as NaN. Two recordings of one hash are the same; a cut one has another.
/// </summary>
internal sealed class SeriesHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] bytes = [];

    /// <summary>Hash of a recording, over the columns that its labels name.</summary>
    public static string Of(IEnumerable<RecordedRow> rows)
    {
        using var hash = new SeriesHash();
        foreach (var (time, values) in rows)
        {
            hash.Add(time.ToUnixTimeMilliseconds() / 1000.0, values);
        }

        return hash.Finish();
    }

    /// <summary>The next row.</summary>
    public void Add(double seconds, ReadOnlySpan<double> values)
    {
        if (bytes.Length != (values.Length + 1) * sizeof(double))
        {
            bytes = new byte[(values.Length + 1) * sizeof(double)];
        }

        BinaryPrimitives.WriteDoubleLittleEndian(bytes, seconds);
        for (var i = 0; i < values.Length; i++)
        {
            // NaN has many bit patterns
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan((i + 1) * sizeof(double)), double.IsNaN(values[i]) ? double.NaN : values[i]);
        }

        hash.AppendData(bytes);
    }

    /// <summary>Hexadecimal; the next row begins another series.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
