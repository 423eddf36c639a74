using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Soak.Fuzzing;

/// <summary>The readers of envelopes, manifests, roots, and both verifiers, with inputs that come far into them.</summary>
internal static class PackageParsers
{
    // one key a role: the time should go into reading, not into signatures
    private static readonly Root First = Sample.Root with { RootRole = Sample.RoleOf(1, 1), ReleaseRole = Sample.RoleOf(1, 11) };
    private static readonly TrustState Trust = Sample.Trust with { Root = First };
    private static readonly byte[] Payload = Sample.Manifest.ToJson();
    private static readonly byte[] Signed = Sample.Signed(Sample.Manifest, 11).ToJson();
    private static readonly Root Next = First with { Version = 2 };
    private static readonly byte[] NextSigned = Sample.Signed(Next, 1).ToJson();

    public static IReadOnlyList<FuzzedParser> All { get; } =
    [
        new("envelope", random => JsonMutator.Next(random, Signed), input => Settles(input, Read<Envelope>(Envelope.TryRead), envelope => envelope.ToJson())),
        new("manifest", random => JsonMutator.Next(random, Payload), input => Settles(input, Read<PackageManifest>(PackageManifest.TryRead), manifest => manifest.ToJson())),
        new("root", random => JsonMutator.Next(random, Next.ToJson()), input => Settles(input, Read<Root>(Root.TryRead), root => root.ToJson())),
        new("package", random => JsonMutator.Next(random, Signed),
            input => Verify(input) is { } accepted && Promise(accepted.Manifest.ToJson().AsSpan().SequenceEqual(Payload), "what nobody signed was accepted")),
        new("package-signed", random => Sample.Signed(PackageManifest.PayloadType, JsonMutator.Next(random, Payload), 11).ToJson(),
            input => Verify(input) is { } accepted && Promise(accepted.Manifest.Slot == Sample.Pumps, "another slot was accepted")),
        new("root-update", random => JsonMutator.Next(random, NextSigned),
            input => Update(input) is { } taken && Promise(taken.Root.ToJson().AsSpan().SequenceEqual(Next.ToJson()), "what nobody signed was taken")),
        new("root-update-signed", random => Sample.Signed(Root.PayloadType, JsonMutator.Next(random, Next.ToJson()), 1).ToJson(),
            input => Update(input) is { } taken && Promise(taken.Root.Version == 2, "another version was taken")),
    ];

    private delegate bool TryRead<T>(ReadOnlySpan<byte> bytes, out T? value, out Refusal? refusal);

    private static Func<byte[], T?> Read<T>(TryRead<T> read) where T : class => input => read(input, out var value, out var refusal) ? value : Refused<T>(refusal!);

    /// <summary>What is read can be written, and read again to the same bytes.</summary>
    private static bool Settles<T>(byte[] input, Func<byte[], T?> read, Func<T, byte[]> write) where T : class
    {
        if (read(input) is not { } value)
        {
            return false;
        }

        var written = write(value);
        return Promise(read(written) is { } again && write(again).AsSpan().SequenceEqual(written), "what was read cannot be written and read again");
    }

    private static AcceptedPackage? Verify(byte[] envelope) =>
        PackageVerifier.TryVerify(new(envelope, Sample.BlobsOf(Sample.Manifest)), Sample.Request, Trust, Sample.Device, Sample.Now, out var accepted, out var refusal) ? accepted : Refused<AcceptedPackage>(refusal);

    private static TrustState? Update(byte[] envelope) => RootVerifier.TryUpdate(Trust, envelope, null, out var next, out var refusal) ? next : Refused<TrustState>(refusal);

    private static T? Refused<T>(Refusal refusal) where T : class
    {
        Promise(refusal.Sentence.Length < 1000 && refusal.Sentence.All(c => c is >= ' ' and <= '~'), $"a refusal that is no printable line: {refusal.Code}");
        return null;
    }

    private static bool Promise(bool isKept, string otherwise) => isKept ? true : throw new InvalidOperationException(otherwise);
}
