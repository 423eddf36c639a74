using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification.Vectors;

namespace EdgeGateway.Tests.Packages.Verification;

/// <summary>What an accepted package is, and how a refusal speaks; what is refused stands in tests/vectors/packages.</summary>
public sealed class PackageVerifierTests
{
    [Fact]
    public void An_accepted_package_says_what_it_is_and_which_key_opens_it()
    {
        var accepted = Accept(Sample.Manifest, Sample.Trust);
        Assert.Equal(Sample.Manifest.ToJson(), accepted.Manifest.ToJson());
        Assert.Equal(Sample.LineA, accepted.Key);
    }

    [Fact]
    public void Accepting_raises_the_floors_of_its_own_slot_and_the_newest_signed_time()
    {
        var fans = new PackageSlot(PackageKind.Adapter, "fans");
        var trust = Sample.Trust with { Floors = Sample.Trust.Floors.SetItem(fans, new(8, 1)) };
        var after = Accept(Sample.Manifest with { Release = 5, Epoch = 3 }, trust).Trust;
        Assert.Equal((new Floor(5, 3), new Floor(8, 1), new Floor(0, 0)), (after.FloorOf(Sample.Pumps), after.FloorOf(fans), after.FloorOf(new(PackageKind.Model, "pumps"))));
        Assert.Equal(Sample.Manifest.Issued, after.NewestSigned);
    }

    [Fact]
    public void Accepting_an_older_release_or_one_issued_earlier_lowers_nothing()
    {
        var trust = Sample.Trust with { NewestSigned = Sample.Now };
        Assert.Equal(trust, Accept(Sample.Manifest with { Release = 1 }, trust).Trust with { Floors = trust.Floors });
        Assert.Equal(new Floor(3, 2), Accept(Sample.Manifest with { Release = 1 }, trust).Trust.FloorOf(Sample.Pumps));
    }

    [Fact]
    public void Without_its_blobs_a_package_waits_only_when_all_else_passes()
    {
        var package = Sample.Package(Sample.Manifest);
        Assert.Equal("blob-missing", Refuse(package with { Blobs = package.Blobs.Clear() }, Sample.Device).CodeText);
        Assert.Equal("group", Refuse(package with { Blobs = package.Blobs.Clear() }, Sample.Device with { Groups = [] }).CodeText);
        Assert.True(Refuse(package with { Blobs = package.Blobs.Clear() }, Sample.Device).Waits);
    }

    [Fact]
    public void Where_nothing_was_asked_for_any_release_of_any_slot_is_judged_for_what_it_is()
    {
        var nothing = new PackageRequest(null, null, null, ByOperator: true);
        Assert.True(PackageVerifier.TryVerify(Sample.Package(Sample.Manifest), nothing, Sample.Trust, Sample.Device, Sample.Now, out _, out _));
    }

    [Fact]
    public void A_refusal_is_one_printable_line_that_says_what_to_do()
    {
        var packages = VectorForm.Names(PackageCase.Kind).Select(row => PackageCase.Read(row.Data).Refusal());
        var roots = VectorForm.Names(RootCase.Kind).Select(row => RootCase.Read(row.Data).Refusal());
        var opened = VectorForm.Names(OpenedCase.Kind).Select(row => OpenedCase.Read(row.Data).Refusal());
        Assert.All(packages.Concat(roots).Concat(opened).OfType<Refusal>(), refusal => Assert.Matches(@"^[A-Z][ -~]{20,500}; [ -~]{10,200}\.$", refusal.Sentence));
    }

    [Fact]
    public void Every_code_stands_in_the_document_and_only_three_wait()
    {
        var document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "package.md"));
        var refusals = Enum.GetValues<RefusalCode>().Select(code => new Refusal(code, "")).ToArray();
        Assert.All(refusals, refusal => Assert.Contains($"`{refusal.CodeText}`", document, StringComparison.Ordinal));
        Assert.Equal(refusals.Where(r => r.Waits).Select(r => r.CodeText), document.Split('\n').Where(line => line.EndsWith("| waits |", StringComparison.Ordinal)).Select(line => line.Split('`')[1]));
    }

    private static Refusal Refuse(MeasuredPackage package, DeviceIdentity device) =>
        PackageVerifier.TryVerify(package, Sample.Request, Sample.Trust, device, Sample.Now, out _, out var refusal) ? throw new InvalidOperationException("It was accepted.") : refusal;

    private static AcceptedPackage Accept(PackageManifest manifest, TrustState trust)
    {
        var request = new PackageRequest(manifest.Slot, manifest.Release, null, ByOperator: true);
        Assert.True(PackageVerifier.TryVerify(Sample.Package(manifest), request, trust, Sample.Device, Sample.Now, out var accepted, out var refusal), refusal?.Sentence);
        return accepted;
    }
}
