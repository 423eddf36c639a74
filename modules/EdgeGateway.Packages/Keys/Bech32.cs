using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Packages.Keys;

/// <summary>
/// Bech32 (BIP 173) as age uses it: a prefix that says what it is, <c>1</c>, data in groups of five bits, a checksum of six symbols; all in the case of the prefix.
/// </summary>
internal static class Bech32
{
    private const string Symbols = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    /// <summary>Characters that so many bytes take.</summary>
    public static int Length(string prefix, int bytes) => prefix.Length + 1 + GroupsOf(bytes) + ChecksumLength;

    /// <summary>Writes data as ASCII.</summary>
    /// <param name="text">As long as <see cref="Length"/> says.</param>
    public static void Encode(string prefix, ReadOnlySpan<byte> data, Span<byte> text)
    {
        var (at, sum) = (Encoding.ASCII.GetBytes(prefix, text), Begin(prefix));
        text[at++] = (byte)'1';
        for (var i = 0; i < GroupsOf(data.Length); i++)
        {
            // five bits from bit 5i on; the last group is filled up with zeros
            var (first, shift) = (5 * i / 8, 11 - 5 * i % 8);
            var group = (data[first] << 8 | (first + 1 < data.Length ? data[first + 1] : 0)) >> shift & 31;
            sum = Step(sum, group);
            text[at++] = (byte)Symbols[group];
        }

        for (var i = 0; i < ChecksumLength; i++)
        {
            sum = Step(sum, 0);
        }

        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            text[at++] = (byte)Symbols[(int)((sum ^ 1) >> 5 * i & 31)];
        }

        if (char.IsAsciiLetterUpper(prefix[0]))
        {
            Ascii.ToUpperInPlace(text, out _);
        }
    }

    /// <summary>Reads text of exactly this prefix and this many bytes; false when it is anything else, and nothing in <paramref name="data"/> counts then.</summary>
    public static bool TryDecode(string prefix, ReadOnlySpan<byte> text, Span<byte> data)
    {
        data.Clear();
        if (text.Length != Length(prefix, data.Length))
        {
            return false;
        }

        for (var i = 0; i < GroupsOf(data.Length); i++)
        {
            var (first, shift) = (5 * i / 8, 11 - 5 * i % 8);
            var group = Math.Max(0, Symbols.IndexOf((char)(text[prefix.Length + 1 + i] | 0x20), StringComparison.Ordinal)) << shift;
            data[first] |= (byte)(group >> 8);
            if (first + 1 < data.Length)
            {
                data[first + 1] |= (byte)group;
            }
        }

        // written again it must be the same text: prefix, case, letters, filling bits and checksum in one
        Span<byte> again = stackalloc byte[text.Length];
        Encode(prefix, data, again);
        var same = again.SequenceEqual(text);
        CryptographicOperations.ZeroMemory(again);
        return same;
    }

    private static int GroupsOf(int bytes) => (bytes * 8 + 4) / 5;

    private static uint Begin(string prefix)
    {
        var (lower, sum) = (prefix.ToLowerInvariant(), 1u);
        foreach (var letter in lower)
        {
            sum = Step(sum, letter >> 5);
        }

        sum = Step(sum, 0);
        foreach (var letter in lower)
        {
            sum = Step(sum, letter & 31);
        }

        return sum;
    }

    private static uint Step(uint sum, int value)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = sum >> 25;
        sum = (sum & 0x1ffffff) << 5 ^ (uint)value;
        for (var i = 0; i < generator.Length; i++)
        {
            sum ^= (top >> i & 1) != 0 ? generator[i] : 0;
        }

        return sum;
    }
}
