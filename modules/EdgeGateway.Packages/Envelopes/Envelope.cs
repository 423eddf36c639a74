using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Packages.Envelopes;

/// <summary>A DSSE envelope, version 1: a payload, its type, and signatures of both together (docs/formats/package.md, section Envelope).</summary>
/// <param name="PayloadType">What the payload is; signed with it.</param>
/// <param name="Payload">The bytes that were signed.</param>
/// <param name="Signatures">At most 16, unproven.</param>
public sealed record Envelope(string PayloadType, ImmutableArray<byte> Payload, ImmutableArray<EnvelopeSignature> Signatures)
{
    /// <summary>The most that an envelope may have, in bytes; whoever reads one from outside reads one byte more at most.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int MaxSignatures = 16;

    /// <summary>Reads an envelope; proves nothing. Refused as <see cref="RefusalCode.Envelope"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Envelope? envelope, [NotNullWhen(false)] out Refusal? refusal) =>
        StrictJson.TryRead(json, MaxBytes, RefusalCode.Envelope, "The envelope", Read, out envelope, out refusal);

    /// <summary>The same envelope with this key's signature, in place of one with its id; sorted by key id, so that who signs first makes no difference.</summary>
    public Envelope Sign(SigningKey key)
    {
        var signature = new EnvelopeSignature(key.Public.Id, ImmutableCollectionsMarshal.AsImmutableArray(key.Sign(PreAuthenticationEncoding())));
        return this with { Signatures = [.. Signatures.Where(s => s.KeyId != key.Public.Id).Append(signature).OrderBy(s => s.KeyId, StringComparer.Ordinal)] };
    }

    /// <summary>Which of these keys a signature is valid for: each at most once, however many signatures are its own, whatever key ids say.</summary>
    public ImmutableArray<VerificationKey> Signers(IEnumerable<VerificationKey> keys)
    {
        var message = PreAuthenticationEncoding();
        return [.. keys.Distinct().Where(key => Signatures.Any(s => key.Verify(message, s.Bytes.AsSpan())))];
    }

    /// <summary>The file: members in the format's order, no white space, standard alphabet. Same envelope, same bytes.</summary>
    public byte[] ToJson() => PayloadWriter.Write(json =>
    {
        json.WriteBase64String("payload", Payload.AsSpan());
        json.WriteString("payloadType", PayloadType);
        json.WriteStartArray("signatures");
        foreach (var signature in Signatures)
        {
            json.WriteStartObject();
            json.WriteString("keyid", signature.KeyId);
            json.WriteBase64String("sig", signature.Bytes.AsSpan());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>What is signed: DSSE's PAE(type, payload). The lengths are those of bytes.</summary>
    internal byte[] PreAuthenticationEncoding()
    {
        var head = Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(PayloadType)} {PayloadType} {Payload.Length} ");
        return [.. head, .. Payload];
    }

    private static Envelope Read(StrictJson json)
    {
        json.AllowOnly("payload", "payloadType", "signatures");
        return new(json.Text("payloadType"), Bytes(json, "payload"), [.. json.Objects("signatures", 0, MaxSignatures).Select(Signature)]);
    }

    private static EnvelopeSignature Signature(StrictJson json)
    {
        json.AllowOnly("keyid", "sig");
        return new(json.Has("keyid") ? json.Text("keyid") : "", Bytes(json, "sig"));
    }

    private static ImmutableArray<byte> Bytes(StrictJson json, string name) =>
        Base64Text.Decode(json.Text(name)) ?? throw json.Broken(name, "is not Base64 with padding, without white space and with the unused bits zero");
}
