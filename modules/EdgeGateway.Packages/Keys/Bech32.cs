namespace EdgeGateway.Packages.Keys;

/// <summary>Bech32 (BIP 173) as age uses it: a prefix that says what it is, <c>1</c>, data in groups of five bits, a checksum of six symbols; all in the case of the prefix.</summary>
internal static class Bech32
{
    private const string Symbols = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    /// <summary>Characters that so many bytes take.</summary>
    public static int Length(string prefix, int bytes) => prefix.Length + 1 + SymbolsOf(bytes) + ChecksumLength;

    /// <summary>Writes data as ASCII.</summary>
    /// <param name="text">As long as <see cref="Length"/> says.</param>
    public static void Encode(string prefix, ReadOnlySpan<byte> data, Span<byte> text)
    {
        var (upper, at, sum) = (char.IsAsciiLetterUpper(prefix[0]), prefix.Length + 1, Begin(prefix));
        System.Text.Encoding.ASCII.GetBytes(prefix, text);
        text[prefix.Length] = (byte)'1';
        for (var (i, bits, held) = (0, 0, 0); i < data.Length || held > 0;)
        {
            if (held < 5)
            {
                // the last group is filled up with zeros
                (bits, held) = i < data.Length ? (bits << 8 | data[i++], held + 8) : (bits << (5 - held), 5);
                continue;
            }

            held -= 5;
            Put(bits >> held & 31, text);
            bits &= (1 << held) - 1;
        }

        for (var i = 0; i < ChecksumLength; i++)
        {
            sum = Step(sum, 0);
        }

        var checksum = sum ^ 1;
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            Put((int)(checksum >> (5 * i)) & 31, text);
        }

        void Put(int symbol, Span<byte> to)
        {
            sum = Step(sum, symbol);
            to[at++] = (byte)(upper ? char.ToUpperInvariant(Symbols[symbol]) : Symbols[symbol]);
        }
    }

    /// <summary>Reads text of exactly this prefix and this many bytes; false when it is anything else, and nothing in <paramref name="data"/> counts then.</summary>
    public static bool TryDecode(string prefix, ReadOnlySpan<byte> text, Span<byte> data)
    {
        if (text.Length != Length(prefix, data.Length) || !System.Text.Ascii.Equals(text[..prefix.Length], prefix) || text[prefix.Length] != '1')
        {
            return false;
        }

        var (upper, sum, bits, held, filled) = (char.IsAsciiLetterUpper(prefix[0]), Begin(prefix), 0, 0, 0);
        foreach (var letter in text[(prefix.Length + 1)..])
        {
            var symbol = Symbols.IndexOf(upper ? LowerOf(letter) : (char)letter, StringComparison.Ordinal);
            if (symbol < 0)
            {
                return false;
            }

            sum = Step(sum, symbol);
            if (filled < data.Length)
            {
                (bits, held) = ((bits << 5 | symbol) & 0xfff, held + 5);
                if (held >= 8)
                {
                    held -= 8;
                    data[filled++] = (byte)(bits >> held);
                }
            }
        }

        // what is left of the last group of data is zero, or two texts would mean the same
        return sum == 1 && (bits & (1 << held) - 1) == 0;
    }

    private static int SymbolsOf(int bytes) => (bytes * 8 + 4) / 5;

    private static char LowerOf(byte letter) => char.IsAsciiLetterLower((char)letter) ? '\0' : char.ToLowerInvariant((char)letter);

    private static uint Begin(string prefix)
    {
        var sum = 1u;
        foreach (var letter in prefix)
        {
            sum = Step(sum, char.ToLowerInvariant(letter) >> 5);
        }

        sum = Step(sum, 0);
        foreach (var letter in prefix)
        {
            sum = Step(sum, char.ToLowerInvariant(letter) & 31);
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
