using System.Globalization;
using System.Text;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>Makes text from token texts, step by step as the file's decoder says. Without a decoder, tokens are joined by blanks.</summary>
internal sealed class TokenDecoder(IReadOnlyList<Func<List<string>, List<string>>> steps)
{
    public string Decode(List<string> tokens)
    {
        if (steps.Count == 0)
        {
            return string.Join(' ', tokens);
        }

        return string.Concat(steps.Aggregate(tokens, (current, step) => step(current)));
    }

    public static List<string> Replace(List<string> tokens, string from, string to) => tokens.ConvertAll(token => token.Replace(from, to, StringComparison.Ordinal));

    public static List<string> Fuse(List<string> tokens) => [string.Concat(tokens)];

    /// <summary>Runs of byte tokens become the text that their bytes are in UTF-8, or a replacement character each when they are none.</summary>
    public static List<string> JoinBytes(List<string> tokens)
    {
        var texts = new List<string>();
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (TryGetByte(token, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, texts);
            texts.Add(token);
        }

        Flush(bytes, texts);
        return texts;
    }

    /// <summary>Takes up to so many of the character from the two ends of each text.</summary>
    public static List<string> Strip(List<string> tokens, char content, int start, int stop) => tokens.ConvertAll(token =>
    {
        var (from, to) = (0, token.Length);
        while (from < Math.Min(start, token.Length) && token[from] == content)
        {
            from++;
        }

        while (token.Length - to < stop && to > from && token[to - 1] == content)
        {
            to--;
        }

        return token[from..to];
    });

    /// <summary>All tokens are written in the byte alphabet; one that is not stands for itself.</summary>
    public static List<string> FromByteAlphabet(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            var known = bytes.Count;
            foreach (var character in token)
            {
                if (!ByteAlphabet.TryGetByte(character, out var value))
                {
                    bytes.RemoveRange(known, bytes.Count - known);
                    bytes.AddRange(Encoding.UTF8.GetBytes(token));
                    break;
                }

                bytes.Add(value);
            }
        }

        return [Encoding.UTF8.GetString(bytes.ToArray())];
    }

    internal static string ByteToken(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    private static bool TryGetByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void Flush(List<byte> bytes, List<string> texts)
    {
        if (bytes.Count > 0)
        {
            var whole = bytes.ToArray();
            texts.Add(System.Text.Unicode.Utf8.IsValid(whole) ? Encoding.UTF8.GetString(whole) : new string('\uFFFD', whole.Length));
            bytes.Clear();
        }
    }
}
