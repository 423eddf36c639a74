using System.Text;
using CsCheck;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Envelopes;

/// <summary>DSSE envelopes: what is signed, how they are written, whose signatures count.</summary>
public sealed class EnvelopeTests
{
    [Fact]
    public void What_is_signed_is_the_PAE_of_the_specification() =>
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", Encoding.UTF8.GetString(Of("http://example.com/HelloWorld", "hello world").PreAuthenticationEncoding()));

    [Fact]
    public void Lengths_in_the_PAE_are_those_of_bytes() => Assert.Equal("DSSEv1 4 a€ 2 é", Encoding.UTF8.GetString(Of("a€", "é").PreAuthenticationEncoding()));

    [Fact]
    public void What_was_written_is_read_again_to_the_same_bytes() => Gen.Select(Gen.String, Gen.Byte.Array, Gen.Byte[0, 40].Array[0, 16]).Sample((type, payload, seeds) =>
    {
        var isText = !type.Any(char.IsSurrogate);
        var json = seeds.Aggregate(new Envelope(isText ? type : "", [.. payload], []), (envelope, seed) => envelope.Sign(Sample.Key(seed))).ToJson();
        return Envelope.TryRead(json, out var read, out _) && read.ToJson().AsSpan().SequenceEqual(json) && read.Payload.AsSpan().SequenceEqual(payload);
    }, iter: 200);

    [Fact]
    public void Who_signs_first_and_how_often_makes_no_difference()
    {
        var once = Of("t", "p").Sign(Sample.Key(1)).Sign(Sample.Key(2));
        Assert.Equal(once.ToJson(), Of("t", "p").Sign(Sample.Key(2)).Sign(Sample.Key(1)).Sign(Sample.Key(2)).ToJson());
        Assert.Equal(2, once.Signatures.Length);
    }

    [Fact]
    public void A_signature_counts_for_its_key_alone_and_each_key_once()
    {
        var envelope = Of("t", "p").Sign(Sample.Key(1));
        envelope = envelope with { Signatures = [envelope.Signatures[0], envelope.Signatures[0] with { KeyId = "" }, envelope.Signatures[0] with { KeyId = Sample.Key(2).Public.Id }] };
        Assert.Equal([Sample.Key(1).Public], envelope.Signers([Sample.Key(1).Public, Sample.Key(2).Public, Sample.Key(1).Public]));
    }

    [Fact]
    public void A_signature_is_of_the_type_as_much_as_of_the_payload()
    {
        var envelope = Of("ab", "c").Sign(Sample.Key(1));
        Assert.Empty((envelope with { PayloadType = "a", Payload = [.. "bc"u8] }).Signers([Sample.Key(1).Public]));
        Assert.Empty((envelope with { PayloadType = "AB" }).Signers([Sample.Key(1).Public]));
    }

    [Fact]
    public void Base64_of_either_alphabet_is_read_and_each_value_has_one_text_in_it() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        var standard = Convert.ToBase64String(bytes);
        var url = standard.Replace('+', '-').Replace('/', '_');
        return Base64Text.Decode(standard)!.Value.AsSpan().SequenceEqual(bytes) && Base64Text.Decode(url)!.Value.AsSpan().SequenceEqual(bytes)
            && Base64Text.Decode(standard + "=") is null && Base64Text.Decode(" " + standard) is null && (!standard.EndsWith('=') || Base64Text.Decode(standard[..^1]) is null);
    });

    [Fact]
    public void Whatever_text_is_read_as_Base64_is_the_one_text_of_its_bytes() => Gen.Char["ABCDwxyz0189+/-_= \n"].Array[0, 12].Select(c => new string(c)).Sample(text =>
        Base64Text.Decode(text) is not { } bytes || Convert.ToBase64String(bytes.AsSpan()) is var standard && (text == standard || text == standard.Replace('+', '-').Replace('/', '_')), iter: 20_000);

    private static Envelope Of(string type, string payload) => new(type, [.. Encoding.UTF8.GetBytes(payload)], []);
}
