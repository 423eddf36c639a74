using System.Buffers.Text;
using System.Text;

namespace EdgeGateway.Packages.Age;

/// <summary>Base64 as in age's header: RFC 4648 (4) without padding, and canonical (3.5), so that no two texts mean the same bytes.</summary>
internal static class UnpaddedBase64
{
    /// <summary>Writes bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Reads bytes; null when it is not exactly what <see cref="Encode"/> writes.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var padded = new byte[(text.Length + 3) / 4 * 4];
        text.CopyTo(padded);
        padded.AsSpan(text.Length).Fill((byte)'=');
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];

        // the platform's reader passes over white space and takes what is not canonical: writing it again shows both
        return Base64.DecodeFromUtf8(padded, bytes, out _, out var length) == System.Buffers.OperationStatus.Done && Ascii.Equals(text, Encode(bytes.AsSpan(0, length)))
            ? bytes[..length] : null;
    }
}
