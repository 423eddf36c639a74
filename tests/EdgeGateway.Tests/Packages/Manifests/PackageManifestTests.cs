using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Manifests;

/// <summary>Manifests as they are written and read; what is refused stands in tests/vectors/packages.</summary>
public sealed class PackageManifestTests
{
    private static readonly Gen<string> Names = Gen.Select(Gen.Char["abyz09"], Gen.Char["abyz09-"].Array[0, 63], (first, rest) => first + new string(rest));
    private static readonly Gen<string> Digests = Gen.Byte.Array[32].Select(Convert.ToHexStringLower);
    private static readonly Gen<DateTimeOffset> Times = Gen.Int[0, int.MaxValue].Select(seconds => DateTimeOffset.UnixEpoch.AddSeconds(seconds));

    private static readonly Gen<GroupRecipient> Groups =
        Gen.Select(Names, Gen.Int[1, int.MaxValue], Gen.Char["qpzry9x8gf2tvdw0s3jn54khce6mua7l"].Array[58], (name, epoch, recipient) => new GroupRecipient(name, epoch, "age1" + new string(recipient)));

    private static readonly Gen<PackageBlob> Blobs =
        Gen.Select(Names, Gen.Long[0, 1L << 36], Digests, Gen.Long[1, 1L << 37], Digests, (path, size, digest, sealedSize, sealedDigest) => new PackageBlob(path, size, digest, sealedSize, sealedDigest));

    private static readonly Gen<int?> Shares = Gen.Int[0, 100].Select(percent => percent == 0 ? (int?)null : percent);
    private static readonly Gen<int?> Multiples = Gen.Int[99, 1000].Select(percent => percent == 99 ? (int?)null : percent);
    private static readonly Gen<PackageLimits> Limits =
        Gen.Select(Shares, Multiples, Shares, Multiples, Shares, (recall, falseAlarms, disagreement, alerts, silence) => new PackageLimits(recall, falseAlarms, disagreement, alerts, silence));

    /// <summary>Manifests that keep every rule.</summary>
    private static readonly Gen<PackageManifest> Valid =
        from slot in Gen.Select(Gen.Enum<PackageKind>(), Names, (kind, name) => new PackageSlot(kind, name))
        from numbers in Gen.Int[1, int.MaxValue].Array[3]
        from issued in Times
        from groups in Groups.Array[1, 16]
        from digests in Digests.Array[2]
        from blobs in Blobs.Array[1, 64].Select(blobs => blobs.DistinctBy(b => b.Path).ToArray())
        from golden in Gen.Bool
        from limits in Limits
        from isLimited in Gen.Bool
        select new PackageManifest(slot, numbers[0], numbers[1], issued, issued.AddSeconds(numbers[2]), [.. groups.DistinctBy(g => (g.Group, g.Epoch))], new(digests[0], digests[1], numbers[2]), golden ? blobs[^1].Path : null, [.. blobs]) { Limits = isLimited ? limits : null };

    [Fact]
    public void What_was_written_is_read_again_to_the_same_bytes() => Valid.Sample(manifest =>
        PackageManifest.TryRead(manifest.ToJson(), out var read, out _) && read.ToJson().AsSpan().SequenceEqual(manifest.ToJson()) && read.Blobs.SequenceEqual(manifest.Blobs) && read.Groups.SequenceEqual(manifest.Groups)
            && read with { Blobs = manifest.Blobs, Groups = manifest.Groups } == manifest, iter: 500);

    [Fact]
    public void Members_are_written_as_the_format_shows_them()
    {
        var shown = Regex.Match(Document, @"## Manifest\n\n((?:    .*\n)+)").Groups[1].Value.Replace("...", "", StringComparison.Ordinal);
        using var written = JsonDocument.Parse(Sample.Manifest.ToJson());
        Assert.Equal(JsonDocument.Parse(shown).RootElement.EnumerateObject().Select(m => m.Name), written.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal(["path", "size", "sha256", "sealed"], written.RootElement.GetProperty("blobs")[0].EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{ "leastRecall": 80, "newer": "x" }""", true)]
    [InlineData("""{ "leastRecall": 0 }""", false)]
    [InlineData("""{ "mostFalseAlarms": 99 }""", false)]
    [InlineData("""{ "mostAlerts": 1001 }""", false)]
    [InlineData("""{ "mostSilence": 50.0 }""", false)]
    [InlineData("""{ "mostDisagreement": null }""", false)]
    [InlineData("""[]""", false)]
    public void Limits_are_percent_within_their_ranges(string limits, bool isRead)
    {
        var payload = System.Text.Encoding.UTF8.GetString(Sample.Manifest.ToJson()).Replace("\"blobs\"", $"\"limits\":{limits},\"blobs\"", StringComparison.Ordinal);
        Assert.Equal(isRead, PackageManifest.TryRead(System.Text.Encoding.UTF8.GetBytes(payload), out _, out var refusal));
        Assert.Equal(isRead, refusal is null);
    }

    [Theory]
    [InlineData("model.onnx", true)]
    [InlineData("model.onnx.data", true)]
    [InlineData("a", true)]
    [InlineData("A_b-9", true)]
    [InlineData("console.txt", true)]
    [InlineData("com10.bin", true)]
    [InlineData("a..b", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("-rf", false)]
    [InlineData("_x", false)]
    [InlineData("a.", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a:b", false)]
    [InlineData("a\n", false)]
    [InlineData("CON", false)]
    [InlineData("con.onnx", false)]
    [InlineData("Aux", false)]
    [InlineData("NUL.tar.gz", false)]
    [InlineData("PRN", false)]
    [InlineData("com1", false)]
    [InlineData("LPT9.txt", false)]
    public void A_path_is_a_file_name_that_means_the_same_everywhere(string path, bool isFileName) => Assert.Equal(isFileName, Forms.FileName.IsMatch(path));

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_path_has_at_most_128_characters(int length, bool isFileName) => Assert.Equal(isFileName, Forms.FileName.IsMatch(new string('a', length)));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(0, false)]
    public void A_name_has_1_to_64_characters(int length, bool isName) => Assert.Equal(isName, Forms.Name.IsMatch(new string('a', length)));

    private static string Document => File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "package.md"));
}
