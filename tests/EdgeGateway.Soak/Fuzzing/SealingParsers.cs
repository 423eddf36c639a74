using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Soak.Fuzzing;

/// <summary>Parsers of what is sealed, and of who may open it.</summary>
internal static class SealingParsers
{
    private static readonly X25519Identity Identity = X25519Identity.New();
    private static readonly GroupKey Group = new("line-a", 4, Identity);

    /// <summary>All of them.</summary>
    public static IEnumerable<FuzzedParser> All =>
    [
        Parser("age header", [Header.Write([X25519Stanza.Wrap(new byte[16], Identity.Recipient), new Stanza(["grease", "a", "b"], [.. new byte[100]])], new byte[16])], "\n -=>AQ/"u8,
            bytes => Accepts<SealingException>(() => HeaderParser.Parse(bytes))),
        Parser("age file", [Seal(0), Seal(1), Seal(100), Seal(64 * 1024 + 1)], "\n -=>AQ/"u8,
            bytes => Accepts<SealingException>(() => AgeReader.Open(bytes, (header, fileKey) => X25519Stanza.Unwrap(header, [Identity], fileKey)))),
        Parser("recipient", [Encoding.ASCII.GetBytes(Identity.Recipient.Text)], "1qpage"u8, bytes => X25519Recipient.Parse(Encoding.Latin1.GetString(bytes)) is not null),
        Parser("identity", [Group.ToText()[^(X25519Identity.TextLength + 1)..^1]], "1QP-AGE"u8, bytes => X25519Identity.Parse(bytes) is not null),
        Parser("group key", [Group.ToText()], "\n#:1Q"u8, bytes => Accepts<SealingException>(() => GroupKey.Parse(bytes, Group.Group, Group.Epoch))),
        Parser("list of members", [Members()], "\"\\{}[]:,u-0"u8, bytes => Accepts<FormatException>(() => ConfirmedMembers.Read(bytes))),
    ];

    private static FuzzedParser Parser(string name, byte[][] seeds, ReadOnlySpan<byte> letters, Func<byte[], bool> accepts)
    {
        var known = letters.ToArray();
        return new FuzzedParser(name, random => Mutator.Next(random, seeds, known), accepts);
    }

    private static bool Accepts<TRefusal>(Action parse)
        where TRefusal : Exception
    {
        try
        {
            parse();
            return true;
        }
        catch (TRefusal)
        {
            return false;
        }
    }

    private static byte[] Seal(int size)
    {
        using var file = new MemoryStream();
        AgeWriter.Seal(new MemoryStream(RandomNumberGenerator.GetBytes(size)), file, [Identity.Recipient]);
        return file.ToArray();
    }

    private static byte[] Members() => Encoding.UTF8.GetBytes(
        $$"""{ "group": "line-a", "members": [ { "device": "gw-17", "fingerprint": "{{Identity.Recipient.Fingerprint}}", "confirmedBy": "A. Person" }, { "device": "gw-18", "fingerprint": "0000-0000-0000-0000-0000-0000-0000-0000", "confirmedBy": "\u0041" } ] }""");
}
