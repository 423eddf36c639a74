using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Packages.Age;

/// <summary>Reads a header as the grammar of age v1 has it, to the letter.</summary>
internal ref struct HeaderParser
{
    private ReadOnlySpan<byte> rest;

    private HeaderParser(ReadOnlySpan<byte> rest) => this.rest = rest;

    /// <summary>Reads a whole header: nothing stands behind it.</summary>
    /// <exception cref="SealingException">It breaks a rule.</exception>
    public static Header Parse(ReadOnlySpan<byte> header)
    {
        RequireVersion(header);
        var parser = new HeaderParser(header[(Header.VersionLine.Length + 1)..]);
        var stanzas = ImmutableArray.CreateBuilder<Stanza>();
        while (parser.rest.StartsWith("-> "u8))
        {
            stanzas.Add(parser.Stanza());
        }

        var signed = header[..(header.Length - parser.rest.Length)];
        var mac = parser.Mac();
        Require(stanzas.Count > 0, "has no recipient");
        Require(stanzas.Count == 1 || stanzas.All(s => s.Type != ScryptStanza.Type), "has a passphrase beside other recipients");
        return new Header(stanzas.ToImmutable(), [.. signed, .. "---"u8], mac);
    }

    /// <summary>Refuses what does not begin as an age v1 file does.</summary>
    /// <exception cref="SealingException">It does not.</exception>
    public static void RequireVersion(ReadOnlySpan<byte> header)
    {
        var version = Encoding.ASCII.GetBytes(Header.VersionLine + '\n');
        if (!header.StartsWith(version))
        {
            throw new SealingException(SealingFailure.Header, header switch
            {
                _ when header.StartsWith("-----BEGIN AGE"u8) => "The sealed file is age's text form: only its binary form is read, which age writes without -a.",
                _ when header.StartsWith("age-encryption.org/"u8) => "The sealed file is of another version of age than v1: seal it with age v1.",
                _ => "This is no sealed file: it does not begin as age v1 does.",
            });
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new SealingException(SealingFailure.Header, $"The header of the sealed file {what}: fetch it again, or seal it again.");
        }
    }

    private Stanza Stanza()
    {
        var line = Line()[3..];
        Require(!line.ContainsAnyExceptInRange((byte)' ', (byte)'~'), "has a recipient with a character that may not be there");
        var arguments = Encoding.ASCII.GetString(line).Split(' ').ToImmutableArray();
        Require(arguments.All(a => a.Length > 0), "has a recipient with an empty argument");
        var body = new List<byte>();
        int length;
        do
        {
            var part = Line();
            length = part.Length;
            Require(length <= Header.Columns, "has a recipient with a line that is too long");
            body.AddRange(part);
        }
        while (length == Header.Columns);

        var bytes = UnpaddedBase64.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(body));
        Require(bytes is not null, "has a recipient whose body is no canonical Base64");
        return new Stanza(arguments, [.. bytes!]);
    }

    private ImmutableArray<byte> Mac()
    {
        Require(rest.StartsWith("--- "u8), "has a line that is neither a recipient nor its end");
        var mac = UnpaddedBase64.Decode(Line()[4..]);
        Require(mac?.Length == HMACSHA256.HashSizeInBytes && rest.IsEmpty, "ends in something else than a MAC");
        return [.. mac!];
    }

    private ReadOnlySpan<byte> Line()
    {
        var end = rest.IndexOf((byte)'\n');
        Require(end >= 0, "is cut off");
        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }
}
