using System.Text;
using CsCheck;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>Headers: what is read of them, to the letter, and how much.</summary>
public class HeaderParserTests
{
    private const string Mac = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    private const string Version = "age-encryption.org/v1\n";

    [Fact]
    public void A_header_has_stanzas_with_arguments_and_bodies()
    {
        var full = new string('A', 64);
        var header = Parse($"{Version}-> X25519 abc\nAQ\n-> some.thing/else ! ~\n{full}\n{full}\n\n{Mac}");
        Assert.Equal(["X25519", "abc"], header.Stanzas[0].Arguments);
        Assert.Equal([1], header.Stanzas[0].Body);
        Assert.Equal(["some.thing/else", "!", "~"], header.Stanzas[1].Arguments);
        Assert.Equal(96, header.Stanzas[1].Body.Length);
        Assert.Equal($"{Version}-> X25519 abc\nAQ\n-> some.thing/else ! ~\n{full}\n{full}\n\n---", Encoding.ASCII.GetString(header.Signed.AsSpan()));
    }

    [Theory]
    [InlineData("", "This is no sealed file: it does not begin as age v1 does.")]
    [InlineData("PK\u0003\u0004", "This is no sealed file: it does not begin as age v1 does.")]
    [InlineData("age-encryption.org/v1", "The sealed file is of another version of age than v1: seal it with age v1.")]
    [InlineData("age-encryption.org/v2\n-> X25519 a\n\n" + Mac, "The sealed file is of another version of age than v1: seal it with age v1.")]
    [InlineData("age-encryption.org/v1\r\n-> X25519 a\n\n" + Mac, "The sealed file is of another version of age than v1: seal it with age v1.")]
    [InlineData("-----BEGIN AGE ENCRYPTED FILE-----\n", "The sealed file is age's text form: only its binary form is read, which age writes without -a.")]
    [InlineData(Version, "has a line that is neither a recipient nor its end")]
    [InlineData(Version + Mac, "has no recipient")]
    [InlineData(Version + "-> \n\n" + Mac, "has a recipient with an empty argument")]
    [InlineData(Version + "-> a  b\n\n" + Mac, "has a recipient with an empty argument")]
    [InlineData(Version + "-> a \n\n" + Mac, "has a recipient with an empty argument")]
    [InlineData(Version + "->a\n\n" + Mac, "has a line that is neither a recipient nor its end")]
    [InlineData(Version + "-> a\tb\n\n" + Mac, "has a recipient with a character that may not be there")]
    [InlineData(Version + "-> a\r\n\r\n" + Mac, "has a recipient with a character that may not be there")]
    [InlineData(Version + "-> a\u00e9\n\n" + Mac, "has a recipient with a character that may not be there")]
    [InlineData(Version + "-> a\nAQ==\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\nAR\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\nA\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\nA Q\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\nA-\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\nAQ\nAQ\n" + Mac, "has a line that is neither a recipient nor its end")]
    [InlineData(Version + "-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" + Mac, "has a recipient with a line that is too long")]
    [InlineData(Version + "-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\n" + Mac, "has a recipient whose body is no canonical Base64")]
    [InlineData(Version + "-> a\n\n", "has a line that is neither a recipient nor its end")]
    [InlineData(Version + "-> a\n\n---\n", "has a line that is neither a recipient nor its end")]
    [InlineData(Version + "-> a\n\n--- AAAA\n", "ends in something else than a MAC")]
    [InlineData(Version + "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n", "ends in something else than a MAC")]
    [InlineData(Version + "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "is cut off")]
    [InlineData(Version + "-> a", "is cut off")]
    [InlineData(Version + "-> scrypt a 1\n\n-> a\n\n" + Mac, "has a passphrase beside other recipients")]
    public void What_the_grammar_does_not_have_is_refused_with_a_reason(string header, string reason)
    {
        var refused = Assert.Throws<SealingException>(() => Parse(header));
        Assert.Equal(SealingFailure.Header, refused.Failure);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 32, 32)]
    [InlineData(3, 32, 32)]
    [InlineData(2, 31, 32)]
    [InlineData(2, 33, 32)]
    [InlineData(2, 32, 31)]
    [InlineData(2, 32, 33)]
    [InlineData(2, 32, 64)]
    public void An_X25519_stanza_of_another_shape_is_refused_even_beside_one_that_would_do(int arguments, int share, int body)
    {
        using var identity = X25519Identity.New();
        var other = new Stanza([.. new[] { "X25519", UnpaddedBase64.Encode(Sealed.Bytes(share)), "more" }.Take(arguments)], [.. Sealed.Bytes(body)]);
        var header = Header.Write([X25519Stanza.Wrap(new byte[16], identity.Recipient), other], new byte[16]);
        Assert.Equal(SealingFailure.Header, Sealed.Refused(() => Sealed.Open([.. header, .. new byte[40]], identity)));
    }

    [Fact]
    public void A_share_of_low_order_is_refused()
    {
        using var identity = X25519Identity.New();
        var header = Header.Write([new Stanza(["X25519", UnpaddedBase64.Encode(new byte[32])], [.. new byte[32]])], new byte[16]);
        Assert.Equal(SealingFailure.Header, Sealed.Refused(() => Sealed.Open([.. header, .. new byte[40]], identity)));
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        var words = Gen.Char['!', '~'].Array[1, 20].Select(c => new string(c));
        var stanzas = Gen.Select(words.Where(w => w != "scrypt").Array[1, 4], Gen.Byte.Array[0, 200]).Select((arguments, body) => new Stanza([.. arguments], [.. body])).Array[1, 5];
        stanzas.Sample(
            written =>
            {
                var bytes = Header.Write(written, new byte[16]);
                var read = Header.Read(new MemoryStream(bytes));
                read.Verify(new byte[16]);
                return read.Stanzas.Length == written.Length && Header.Write(read.Stanzas, new byte[16]).AsSpan().SequenceEqual(bytes);
            },
            iter: 300);
    }

    [Fact]
    public void A_header_that_was_changed_is_refused_or_read_as_what_it_is_now()
    {
        using var identity = X25519Identity.New();
        var header = Header.Write([X25519Stanza.Wrap(new byte[16], identity.Recipient), new Stanza(["grease", "a", "b"], [.. Sealed.Bytes(100)])], new byte[16]);
        Gen.Select(Mutation(header.Length), Mutation(header.Length)).Sample(
            (first, second) =>
            {
                var changed = second([.. first([.. header])]);
                try
                {
                    // nothing is read that would be written in another way
                    var read = HeaderParser.Parse(changed);
                    return changed.AsSpan().StartsWith(Header.Write(read.Stanzas, new byte[16]).AsSpan()[..^44]);
                }
                catch (SealingException e)
                {
                    return e.Failure == SealingFailure.Header;
                }
            },
            iter: 10_000);
    }

    [Fact]
    public void Any_bytes_at_all_are_refused_and_nothing_else_happens() => Gen.Select(Gen.Bool, Gen.Byte.Array[0, 300]).Sample(
        (versioned, bytes) =>
        {
            byte[] file = versioned ? [.. Encoding.ASCII.GetBytes(Version), .. bytes] : bytes;
            return Sealed.Refused(() => Sealed.Open(file)) == SealingFailure.Header;
        },
        iter: 10_000);

    [Fact]
    public void A_header_without_end_is_read_no_further_than_its_bound()
    {
        var endless = new MemoryStream(Encoding.ASCII.GetBytes(Version + string.Concat(Enumerable.Repeat("-> a\n\n", 100_000))));
        var refused = Assert.Throws<SealingException>(() => Header.Read(endless));
        Assert.Equal((SealingFailure.TooLarge, RefusalCode.TooLarge, (long)Header.MostBytes), (refused.Failure, refused.Code, endless.Position));
        Assert.Equal(SealingFailure.TooLarge, Sealed.Refused(() => Header.Read(new MemoryStream(Encoding.ASCII.GetBytes(Version + "-> " + new string('a', 300_000))))));
        Assert.Equal(SealingFailure.Header, Sealed.Refused(() => Header.Read(new MemoryStream(new byte[300_000]))));
    }

    [Fact]
    public void Reading_a_header_takes_no_byte_of_what_is_behind_it()
    {
        var file = new MemoryStream(Encoding.ASCII.GetBytes($"{Version}-> a\n\n{Mac}rest"));
        Header.Read(file);
        Assert.Equal("rest", new StreamReader(file).ReadToEnd());
    }

    private static Header Parse(string header) => HeaderParser.Parse(Encoding.Latin1.GetBytes(header));

    private static Gen<Func<List<byte>, byte[]>> Mutation(int length) => Gen.Select(Gen.Int[0, 4], Gen.Int[0, length - 1], Gen.Int[1, 80], Gen.OneOf(Gen.Byte, Gen.Int[0, 7].Select(i => "\n -=>AQ/"u8[i]))).Select(
        (kind, at, count, value) => new Func<List<byte>, byte[]>(bytes =>
        {
            (at, count) = (Math.Min(at, bytes.Count - 1), Math.Min(count, bytes.Count - Math.Min(at, bytes.Count - 1)));
            return kind switch
            {
                0 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], value, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[(at + count)..], 0],
                3 => [.. bytes[..at], .. bytes[at..(at + count)], .. bytes[at..]],
                _ => [.. bytes[..(at + 1)]],
            };
        }));
}
