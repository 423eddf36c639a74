using System.Diagnostics;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Files;

/// <summary>A package on a disk: what is missing, a link or of another length is a fact, and the verifier's to judge.</summary>
public sealed class PackageFolderTests : IDisposable
{
    private static readonly PackageBlob Adapter = Sample.Manifest.Blobs[0];
    private readonly string folder = Directory.CreateTempSubdirectory("package").FullName;

    public PackageFolderTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "blobs"));
        File.WriteAllBytes(ManifestPath, Sample.Signed(Sample.Manifest, 11, 12).ToJson());
        File.WriteAllText(BlobPath, "sealed adapter");
        File.WriteAllText(Path.Combine(folder, "blobs", Sample.Manifest.Blobs[1].SealedName), "sealed golden");
    }

    private string ManifestPath => Path.Combine(folder, "manifest.json");

    private string BlobPath => Path.Combine(folder, "blobs", Adapter.SealedName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_whole_package_is_accepted_whatever_else_lies_beside_its_files()
    {
        File.WriteAllText(Path.Combine(folder, "blobs", "extraneous.age"), "nobody names it");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/etc/passwd");
        Assert.Equal("accepted", Verdict());
        using var blob = PackageFolder.OpenBlob(folder, Adapter)!;
        Assert.Equal("sealed adapter", new StreamReader(blob).ReadToEnd());
    }

    [Fact]
    public void A_missing_folder_or_envelope_is_no_envelope()
    {
        File.Delete(ManifestPath);
        Assert.Equal("envelope", Verdict());
        Assert.Empty(PackageFolder.ReadEnvelope(Path.Combine(folder, "none")));
    }

    [Fact]
    public void A_link_in_place_of_the_envelope_is_not_followed()
    {
        File.Move(ManifestPath, ManifestPath + ".kept");
        File.CreateSymbolicLink(ManifestPath, ManifestPath + ".kept");
        Assert.Equal("envelope", Verdict());
    }

    [Fact]
    public void An_envelope_without_end_is_read_to_one_byte_more_than_it_may_have()
    {
        using (var file = File.OpenWrite(ManifestPath))
        {
            file.SetLength(1L << 40);
        }

        Assert.Equal((1024 * 1024) + 1, PackageFolder.ReadEnvelope(folder).Length);
        Assert.Equal("too-large", Verdict());
    }

    [Fact]
    public void A_blob_that_is_not_there_waits()
    {
        File.Delete(BlobPath);
        Assert.Equal("blob-missing", Verdict());
        Assert.Null(PackageFolder.OpenBlob(folder, Adapter));
    }

    [Fact]
    public void A_package_without_the_folder_of_blobs_waits()
    {
        Directory.Delete(Path.Combine(folder, "blobs"), recursive: true);
        Assert.Equal("blob-missing", Verdict());
    }

    [Theory]
    [InlineData("the blob itself")]
    [InlineData("/dev/zero")]
    [InlineData("/nowhere")]
    public void A_link_in_place_of_a_blob_is_not_followed_wherever_it_leads(string target)
    {
        File.Move(BlobPath, BlobPath + ".kept");
        File.CreateSymbolicLink(BlobPath, target.StartsWith('/') ? target : BlobPath + ".kept");
        Assert.Equal("blob-kind", Verdict());
        Assert.Null(PackageFolder.OpenBlob(folder, Adapter));
    }

    [Fact]
    public void A_link_in_place_of_the_folder_of_blobs_is_not_followed()
    {
        Directory.Move(Path.Combine(folder, "blobs"), Path.Combine(folder, "kept"));
        File.CreateSymbolicLink(Path.Combine(folder, "blobs"), Path.Combine(folder, "kept"));
        Assert.Equal("blob-kind", Verdict());
        Assert.Null(PackageFolder.OpenBlob(folder, Adapter));
    }

    [Fact]
    public void A_folder_in_place_of_a_blob_is_no_plain_file()
    {
        File.Delete(BlobPath);
        Directory.CreateDirectory(BlobPath);
        Assert.Equal("blob-kind", Verdict());
    }

    [Fact]
    public void A_pipe_in_place_of_a_blob_is_no_plain_file_and_nobody_waits_for_its_writer()
    {
        File.Delete(BlobPath);
        Process.Start("mkfifo", BlobPath).WaitForExit();
        Assert.True(File.Exists(BlobPath));
        Assert.Equal("blob-kind", Verdict());
    }

    [Theory]
    [InlineData("sealed adapter and more", "blob-length")]
    [InlineData("sealed", "blob-length")]
    [InlineData("", "blob-length")]
    [InlineData("sealed ADAPTER", "blob-digest")]
    public void A_blob_of_other_bytes_is_refused(string content, string code)
    {
        File.WriteAllText(BlobPath, content);
        Assert.Equal(code, Verdict());
    }

    [Fact]
    public void A_blob_without_end_is_not_read_at_all()
    {
        using (var file = File.OpenWrite(BlobPath))
        {
            file.SetLength(1L << 40);
        }

        Assert.Equal("blob-length", Verdict());
    }

    private string Verdict() =>
        PackageVerifier.TryVerify(PackageFolder.Measure(folder), Sample.Request, Sample.Trust, Sample.Device, Sample.Now, out _, out var refusal) ? "accepted" : refusal.CodeText;
}
