using System.Security.Cryptography;
using System.Text;
using CsCheck;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Keys;

/// <summary>Identities and recipients: their texts, their fingerprints, and which ones are none.</summary>
public class X25519Tests
{
    private const string Secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    private const string Public = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    /// <summary>Points of low order in RFC 7748's curve, little endian (also as curve25519 implementations reduce them).</summary>
    public static readonly TheoryData<string> LowOrder = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ];

    [Fact]
    public void The_example_of_the_specification_is_read_and_written()
    {
        using var identity = X25519Identity.Parse(Encoding.ASCII.GetBytes(Secret))!;
        Assert.Equal((Secret, Public), (Text(identity), identity.Recipient.Text));
        Assert.Equal(identity.Recipient, X25519Recipient.Parse(Public));
        Assert.Equal(SHA256.HashData(X25519Recipient.Parse(Public)!.Point)[..16], Convert.FromHexString(identity.Recipient.Fingerprint.Replace("-", "", StringComparison.Ordinal)));
        Assert.Matches("^[0-9a-f]{4}(-[0-9a-f]{4}){7}$", identity.Recipient.Fingerprint);
    }

    [Fact]
    public void A_new_identity_is_another_one_each_time_and_survives_its_text()
    {
        using X25519Identity first = X25519Identity.New(), second = X25519Identity.New();
        using var again = X25519Identity.Parse(Encoding.ASCII.GetBytes(Text(first)))!;
        Assert.NotEqual(first.Recipient, second.Recipient);
        Assert.Equal(first.Recipient, again.Recipient);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Secret)]
    [InlineData(Public + "q")]
    [InlineData("AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ")]
    [InlineData("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwJ")]
    [InlineData("ag\u00e91zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")]
    [InlineData("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73epp9g8nq")] // the same bytes, with ones in the bits that fill up the last group
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOlCBLnDNRtSpvZZ0Y2cdnhTRPVxB6WbuKKmHtrsdDTN")]
    public void Other_texts_are_no_recipient(string text) => Assert.Null(X25519Recipient.Parse(text));

    [Fact]
    public void A_text_with_any_other_character_in_one_place_is_no_key()
    {
        Gen.Select(Gen.Int[0, Public.Length - 1], Gen.Char['\0', '\u0100']).Where((at, c) => Public[at] != c)
            .Sample((at, c) => X25519Recipient.Parse(Public[..at] + c + Public[(at + 1)..]) is null, iter: 10_000);
        Gen.Select(Gen.Int[0, Secret.Length - 1], Gen.Byte).Where((at, b) => Secret[at] != b)
            .Sample((at, b) => X25519Identity.Parse([.. Encoding.ASCII.GetBytes(Secret[..at]), b, .. Encoding.ASCII.GetBytes(Secret[(at + 1)..])]) is null, iter: 10_000);
        Gen.Byte.Array[0, 100].Sample(bytes => X25519Identity.Parse(bytes) is null, iter: 10_000);
    }

    [Fact]
    public void Bech32_writes_what_it_reads_for_any_bytes() => Gen.Select(Gen.Byte.Array[0, 70], Gen.Bool).Sample(
        (data, upper) =>
        {
            var prefix = upper ? "AGE-" : "age";
            Span<byte> text = stackalloc byte[Bech32.Length(prefix, data.Length)], read = stackalloc byte[data.Length];
            Bech32.Encode(prefix, data, text);
            return Bech32.TryDecode(prefix, text, read) && read.SequenceEqual(data);
        });

    [Theory]
    [MemberData(nameof(LowOrder))]
    public void A_point_of_low_order_is_no_recipient(string point)
    {
        Span<byte> text = stackalloc byte[Bech32.Length("age", 32)];
        Bech32.Encode("age", Convert.FromHexString(point), text);
        Assert.Null(X25519Recipient.Parse(Encoding.ASCII.GetString(text)));
        using var identity = X25519Identity.New();
        Assert.False(identity.TryAgree(Convert.FromHexString(point), stackalloc byte[32]));
    }

    [Fact]
    public void Two_sides_agree()
    {
        using X25519Identity first = X25519Identity.New(), second = X25519Identity.New();
        Span<byte> one = stackalloc byte[32], other = stackalloc byte[32];
        Assert.True(first.TryAgree(second.Recipient.Point, one) && second.TryAgree(first.Recipient.Point, other));
        Assert.True(one.SequenceEqual(other));
    }

    private static string Text(X25519Identity identity)
    {
        var text = new byte[X25519Identity.TextLength];
        identity.WriteText(text);
        return Encoding.ASCII.GetString(text);
    }
}
