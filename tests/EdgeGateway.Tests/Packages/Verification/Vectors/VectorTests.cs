using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>Verdicts on the files of tests/vectors/packages: with all checks, and with the one left out that should refuse.</summary>
public sealed class VectorTests
{
    public static TheoryData<string> Packages => VectorForm.Names(PackageCase.Kind);

    public static TheoryData<string> Roots => VectorForm.Names(RootCase.Kind);

    public static TheoryData<string> Opened => VectorForm.Names(OpenedCase.Kind);

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_gets_its_verdict_and_another_one_when_the_check_that_refuses_is_left_out(string name)
    {
        var vector = PackageCase.Read(name);
        Assert.Equal(vector.Expected, vector.Verify());
        Assert.Equal(vector.Without, vector.Without is null ? null : vector.Verify(vector.Expected));
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void A_root_gets_its_verdict_and_another_one_when_the_check_that_refuses_is_left_out(string name)
    {
        var vector = RootCase.Read(name);
        Assert.Equal(vector.Expected, vector.Verify());
        Assert.Equal(vector.Without, vector.Without is null ? null : vector.Verify(vector.Expected));
        var next = vector.Next();
        Assert.Equal(vector.FloorsAfter, next?.Floors.Select(f => new SlotFloor(f.Key, f.Value.Release, f.Value.Epoch)).ToArray());
        Assert.Equal(vector.NewestSignedAfter, next?.NewestSigned);
    }

    [Theory]
    [MemberData(nameof(Opened))]
    public void An_opened_blob_gets_its_verdict_and_another_one_when_the_check_that_refuses_is_left_out(string name)
    {
        var vector = OpenedCase.Read(name);
        Assert.Equal(vector.Expected, vector.Verify());
        Assert.Equal(vector.Without, vector.Without is null ? null : vector.Verify(vector.Expected));
    }

    [Fact]
    public void Every_check_has_a_vector_that_turns_when_it_alone_is_left_out()
    {
        string[] packages = [.. Names(PackageCase.Kind).Select(name => PackageCase.Read(name)).Where(c => c.Without is not null && c.Without != c.Expected).Select(c => c.Expected)];
        string[] roots = [.. Names(RootCase.Kind).Select(name => RootCase.Read(name)).Where(c => c.Without is not null && c.Without != c.Expected).Select(c => c.Expected)];
        string[] opened = [.. Names(OpenedCase.Kind).Select(name => OpenedCase.Read(name)).Where(c => c.Without is not null && c.Without != c.Expected).Select(c => c.Expected)];
        Assert.Empty(Codes(PackageVerifier.Checks.Select(c => c.Code)).Except(packages));
        Assert.Empty(Codes(RootVerifier.Checks.Select(c => c.Code)).Except(roots));
        Assert.Empty(Codes(AcceptedPackage.PlainChecks.Select(c => c.Code)).Except(opened));
    }

    [Fact]
    public void The_files_are_what_the_generator_makes()
    {
        var found = Directory.GetFiles(VectorForm.Folder, "*.json", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(VectorForm.Folder, f), File.ReadAllText);
        Assert.Equal(VectorWriter.Files.OrderBy(f => f.Key, StringComparer.Ordinal), found.Where(f => VectorWriter.Kinds.Contains(f.Key.Split('/')[0])).OrderBy(f => f.Key, StringComparer.Ordinal));
    }

    private static IEnumerable<string> Names(string kind) => VectorForm.Names(kind).Select(row => row.Data);

    private static IEnumerable<string> Codes(IEnumerable<RefusalCode> codes) => codes.Select(code => new Refusal(code, "").CodeText);
}
