using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Roots;

/// <summary>Roots as they are written and read, and how a device starts with one; what is refused stands in tests/vectors/packages.</summary>
public sealed class RootTests
{
    [Fact]
    public void What_was_written_is_read_again_to_the_same_bytes()
    {
        Assert.True(Root.TryRead(Sample.Root.ToJson(), out var read, out _));
        Assert.Equal(Sample.Root.ToJson(), read.ToJson());
        Assert.Equal(Sample.Root.RootRole.Keys, read.RootRole.Keys);
    }

    [Fact]
    public void Members_are_written_as_the_format_shows_them()
    {
        var shown = Regex.Match(File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "package.md")), @"## Root\n\n((?:    .*\n)+)").Groups[1].Value;
        Assert.Equal(JsonDocument.Parse(shown).RootElement.EnumerateObject().Select(m => m.Name), JsonDocument.Parse(Sample.Root.ToJson()).RootElement.EnumerateObject().Select(m => m.Name));
    }

    [Fact]
    public void A_device_starts_with_a_root_of_any_version_that_its_own_threshold_signed()
    {
        Assert.True(RootVerifier.TryStart(Sample.Signed(Sample.Root with { Version = 7 }, 1, 2).ToJson(), out var trust, out _));
        Assert.Equal((7, Sample.Root.Issued, 0), (trust.Root.Version, trust.NewestSigned, trust.Floors.Count));
        Assert.False(RootVerifier.TryStart(Sample.Signed(Sample.Root, 1).ToJson(), out _, out var refusal));
        Assert.Equal(RefusalCode.NewThreshold, refusal.Code);
    }
}
