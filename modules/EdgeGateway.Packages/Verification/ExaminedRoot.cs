using EdgeGateway.Packages.Roots;

namespace EdgeGateway.Packages.Verification;

/// <summary>A root under examination; <paramref name="before"/> is the one in force.</summary>
internal sealed class ExaminedRoot(ReadOnlyMemory<byte> bytes, string? sha256, Root? before) : ExaminedEnvelope(bytes, sha256, Root.PayloadType)
{
    private (Root? Root, Refusal? Refusal)? payload;

    public Root? Before => before;

    /// <summary>Null when it breaks a rule or needs a newer reader.</summary>
    public Root? Readable => Payload.Root;

    /// <summary>Why not.</summary>
    public Refusal? Unreadable => Payload.Refusal;

    private (Root? Root, Refusal? Refusal) Payload =>
        payload ??= Root.TryRead(Envelope!.Payload.AsSpan(), out var root, out var refusal) ? (root, null) : (null, refusal);
}
