using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace EdgeGateway.Storage;

/// <summary>Brotli where it makes bytes shorter, else the bytes themselves; told apart by the plain length, which is stored beside them.</summary>
internal static class Packing
{
    // Quality 1 takes a sensor's state of 43 KB down to 53-80 % (by how round its numbers are) at 130-230 MB/s; 4 gains another 2 % at a third of the speed.
    private const int Quality = 1;
    private const int Window = 18;

    public static ReadOnlyMemory<byte> Pack(ReadOnlySpan<byte> plain)
    {
        var packed = new byte[plain.Length];
        return BrotliEncoder.TryCompress(plain, packed, out var length, Quality, Window) && length < plain.Length ? packed.AsMemory(0, length) : plain.ToArray();
    }

    /// <summary>False when the content does not have that length; allocates no more than it. The caller bounds the length.</summary>
    public static bool TryUnpack(byte[] stored, int plainLength, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = stored;
        if (stored.Length == plainLength)
        {
            return true;
        }

        plain = stored.Length < plainLength ? new byte[plainLength] : null;
        return plain is not null && BrotliDecoder.TryDecompress(stored, plain, out var length) && length == plainLength;
    }
}
