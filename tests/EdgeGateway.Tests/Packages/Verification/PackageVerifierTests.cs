using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification;

/// <summary>What an accepted package is; what is refused stands in tests/vectors/packages.</summary>
public sealed class PackageVerifierTests
{
    [Fact]
    public void The_sample_is_accepted_and_opens_with_the_key_of_the_epoch_it_is_sealed_for()
    {
        var accepted = Accept(Sample.Manifest, Sample.Trust);
        Assert.Equal(Sample.Manifest.ToJson(), accepted.Manifest.ToJson());
        Assert.Equal(Sample.LineA, accepted.Key);
    }

    private static AcceptedPackage Accept(PackageManifest manifest, TrustState trust, DateTimeOffset? now = null)
    {
        var request = new PackageRequest(manifest.Slot, manifest.Release, null, ByOperator: true);
        Assert.True(PackageVerifier.TryVerify(Sample.Package(manifest), request, trust, Sample.Device, now, out var accepted, out var refusal), refusal?.Sentence);
        return accepted;
    }
}
