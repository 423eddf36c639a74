using System.Text;

namespace EdgeGateway.Soak.Fuzzing;

/// <summary>Changes valid JSON in places, often by what readers of JSON, names and numbers differ on.</summary>
internal static class JsonMutator
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\"", "{", "}", "[", "]", ",", ":", "null", "true", "1.0", "1e3", "-0", "9007199254740993", "\\u0061", "\\ud800", "\"format\":2", "\"critical\":[\"x\"],\"x\":1,", "\"release\":9,", "../", "\0", "\u00ff", "\ufeff",
            "/*x*/", "//", "AAAA", "====", "-_", "ed25519:", "age1", new string('[', 40), new string('9', 400),
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    ];

    /// <summary>The document with one to four changes.</summary>
    public static byte[] Next(Random random, byte[] document)
    {
        var bytes = document.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            Change(bytes, random);
        }

        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var length = random.Next(1, Math.Min(64, bytes.Count - at + 1));
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 3:
                bytes.RemoveRange(at, random.Next(20) == 0 ? bytes.Count - at : length);
                bytes.InsertRange(Math.Min(at, bytes.Count), Tokens[random.Next(Tokens.Length)]);
                break;
            default:
                bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
        }
    }
}
