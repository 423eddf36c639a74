using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EdgeGateway.Packages.Envelopes;

/// <summary>Base64 (RFC 4648) of an envelope: of the standard or the URL alphabet, padded, without white space, unused bits zero. One text for each value and alphabet.</summary>
internal static class Base64Text
{
    /// <summary>Null when it is no such text.</summary>
    public static ImmutableArray<byte>? Decode(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        var standard = text.AsSpan().ContainsAny('-', '_') && !text.AsSpan().ContainsAny('+', '/') ? text.Replace('-', '+').Replace('_', '/') : text;
        return Convert.TryFromBase64String(standard, bytes, out var length) && Convert.ToBase64String(bytes.AsSpan(0, length)) == standard
            ? ImmutableCollectionsMarshal.AsImmutableArray(bytes.AsSpan(0, length).ToArray()) : null;
    }
}
