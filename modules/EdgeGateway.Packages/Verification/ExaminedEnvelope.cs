using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Json;

namespace EdgeGateway.Packages.Verification;

/// <summary>An envelope under examination, with the checks that packages and roots have in common.</summary>
internal abstract class ExaminedEnvelope
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly string? sha256;
    private readonly string payloadType;
    private readonly Refusal? unreadable;

    protected ExaminedEnvelope(ReadOnlyMemory<byte> bytes, string? sha256, string payloadType)
    {
        (this.bytes, this.sha256, this.payloadType) = (bytes, sha256, payloadType);
        Envelope = Envelopes.Envelope.TryRead(bytes.Span, out var envelope, out unreadable) ? envelope : null;
    }

    /// <summary>Null when it cannot be read.</summary>
    public Envelope? Envelope { get; }

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(bytes.Span));

    /// <summary>They come first, in this order. One that finds nothing to look at refuses too: leaving out the one before opens nothing.</summary>
    public static ImmutableArray<Check<T>> Checks<T>() where T : ExaminedEnvelope =>
    [
        new(RefusalCode.TooLarge, e => e.bytes.Length <= Envelopes.Envelope.MaxBytes ? null
            : $"The envelope has more than {Envelopes.Envelope.MaxBytes} bytes, which no manifest or root needs; see what the server or the stick really holds."),
        new(RefusalCode.Digest, e => e.sha256 is null || e.Digest == e.sha256 ? null
            : $"The envelope's SHA-256 is {e.Digest}, asked for was {e.sha256}; copy it again, or ask for the digest that modelkit shows for it."),
        new(RefusalCode.Envelope, e => e.unreadable?.Sentence),
        new(RefusalCode.PayloadType, e => e.Envelope?.PayloadType == e.payloadType ? null
            : $"The envelope holds \"{Forms.Shown(e.Envelope?.PayloadType ?? "")}\", not {e.payloadType}; put the right file in its place."),
    ];
}
