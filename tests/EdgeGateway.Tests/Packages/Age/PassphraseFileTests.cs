using System.Text;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>Small secrets with a passphrase. Little work, so that tests are quick; that the real work factor opens too, AgeToolTests show.</summary>
public class PassphraseFileTests
{
    private const int LittleWork = 4;
    private static readonly byte[] Passphrase = "correct horse battery staple, \u00e4"u8.ToArray();

    [Theory]
    [InlineData(0)]
    [InlineData(119)]
    [InlineData(Sealed.Chunk)]
    [InlineData(2 * Sealed.Chunk + 3)]
    public void A_secret_opens_with_its_passphrase_and_no_other(int size)
    {
        var secret = Sealed.Bytes(size);
        var file = PassphraseFile.Seal(secret, Passphrase, LittleWork);
        Assert.Equal(secret, PassphraseFile.Open(file, Passphrase));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => PassphraseFile.Open(file, Passphrase[..^1])));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => PassphraseFile.Open(file, [])));
    }

    [Fact]
    public void An_empty_passphrase_seals_nothing() => Assert.Throws<ArgumentOutOfRangeException>(() => PassphraseFile.Seal([1], [], LittleWork));

    [Fact]
    public void A_key_opens_no_file_with_a_passphrase_and_a_passphrase_none_with_a_key()
    {
        using var identity = X25519Identity.New();
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => Sealed.Open(PassphraseFile.Seal([1], Passphrase, LittleWork), identity)));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => PassphraseFile.Open(Sealed.Seal([1], identity.Recipient), Passphrase)));
    }

    [Theory]
    [InlineData("21")]
    [InlineData("255")]
    [InlineData("99999999999999999999")]
    [InlineData("0")]
    [InlineData("04")]
    [InlineData("+4")]
    [InlineData("-4")]
    [InlineData("4x")]
    [InlineData("0x4")]
    public void A_work_factor_that_is_too_high_or_no_number_is_refused_before_any_work(string factor)
    {
        var file = Encoding.Latin1.GetString(PassphraseFile.Seal([1], Passphrase, LittleWork));
        var end = file.IndexOf('\n', file.IndexOf("-> scrypt", StringComparison.Ordinal));
        var changed = Encoding.Latin1.GetBytes(file[..(end - 1)] + factor + file[end..]);
        Assert.Equal(SealingFailure.Header, Sealed.Refused(() => PassphraseFile.Open(changed, Passphrase)));
    }

    [Fact]
    public void A_secret_that_is_cut_or_continued_is_refused()
    {
        var file = PassphraseFile.Seal(Sealed.Bytes(Sealed.Chunk), Passphrase, LittleWork);
        Assert.All(Enumerable.Range(0, 20), cut => Sealed.Refused(() => PassphraseFile.Open(file[..^(1 + cut * 3000)], Passphrase)));
        Assert.All(Enumerable.Range(0, 300), cut => Sealed.Refused(() => PassphraseFile.Open(file[..cut], Passphrase)));
        Assert.All([1, 15, 16, 17, 70_000], more => Sealed.Refused(() => PassphraseFile.Open([.. file, .. new byte[more]], Passphrase)));
    }

    [Fact]
    public void Scrypt_gives_the_values_of_RFC_7914()
    {
        var key = new byte[64];
        Scrypt.Derive("pleaseletmein"u8, "SodiumChloride"u8, 14, key);
        Assert.Equal("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887", Convert.ToHexStringLower(key));
    }
}
