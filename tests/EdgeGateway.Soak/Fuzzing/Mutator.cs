namespace EdgeGateway.Soak.Fuzzing;

/// <summary>Changes valid inputs in places: what is close to valid goes deepest into a parser.</summary>
internal static class Mutator
{
    private const int MostChanges = 4;
    private const int MostCopied = 100;
    private const double Unchanged = 0.01;
    private const double AnyBytes = 0.05;

    /// <summary>One of the seeds with one to four changes; rarely the seed itself, or any bytes at all.</summary>
    /// <param name="seeds">Valid inputs.</param>
    /// <param name="letters">Bytes that mean something to the parser.</param>
    public static byte[] Next(Random random, byte[][] seeds, ReadOnlySpan<byte> letters)
    {
        var seed = seeds[random.Next(seeds.Length)];
        var kind = random.NextDouble();
        if (kind < AnyBytes)
        {
            var bytes = new byte[random.Next(2 * seed.Length)];
            random.NextBytes(bytes);
            return bytes;
        }

        var changed = new List<byte>(seed);
        for (var changes = kind < AnyBytes + Unchanged ? 0 : random.Next(1, MostChanges + 1); changes > 0 && changed.Count > 0; changes--)
        {
            Change(changed, random, letters);
        }

        return [.. changed];
    }

    private static void Change(List<byte> bytes, Random random, ReadOnlySpan<byte> letters)
    {
        var at = random.Next(bytes.Count);
        var count = random.Next(1, Math.Min(MostCopied, bytes.Count - at) + 1);
        var letter = random.Next(2) == 0 ? letters[random.Next(letters.Length)] : (byte)random.Next(256);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] = letter;
                break;
            case 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes.Insert(at, letter);
                break;
            case 3:
                bytes.RemoveRange(at, count);
                break;
            case 4:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count));
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }
}
