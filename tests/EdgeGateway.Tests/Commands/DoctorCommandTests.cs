using EdgeGateway.Commands;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Tests.Updates.Trust;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Tests.Commands;

/// <summary>What <c>EdgeGateway doctor</c> says of keys, trust and clock.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private static readonly DeviceKeyStatus Ready = new(DeviceKeyState.Ready, "file", null, "");
    private readonly TrustSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task A_gateway_without_updates_needs_no_operator()
    {
        using var folder = new TempFolder();
        var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "doctor", "--data", folder.Path);
        Assert.Equal(0, code);
        Assert.Contains("root         none: nothing can be installed", output, StringComparison.Ordinal);
        Assert.Contains("Nothing needs an operator.", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_ends_with_3()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("updates"));
        await File.WriteAllTextAsync(folder.File("updates/device-key.json"), "{", TestContext.Current.CancellationToken);
        var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "doctor", "--data", folder.Path);
        Assert.Equal(3, code);
        Assert.Contains("! " + folder.File("updates/device-key.json") + " is damaged", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_ends_with_3()
    {
        using var folder = new TempFolder();
        var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "doctor", "--data", folder.Path, "--config", folder.File("none.json"));
        Assert.Equal(3, code);
        Assert.Contains("does not exist", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_and_floors_are_shown_with_where_they_come_from()
    {
        site.TakeRoot(2);
        site.Accept(release: 7, epoch: 2);
        var lines = Describe(hasHub: true);
        Assert.Contains("root         version 2, security epoch 3, of 2026-06-26 12:00:00Z, expires 2031-11-26 12:00:00Z; the first one is root.json", lines);
        Assert.Contains("floor        adapter pumps: release 7, security epoch 2, accepted here", lines);
        Assert.Contains(lines, line => line.Contains("given back by the hub, should the data folder be lost", StringComparison.Ordinal));
        Assert.Empty(DoctorCommand.Needs(site.Store, Ready));
    }

    [Fact]
    public void Without_a_hub_it_says_that_the_floors_of_a_lost_folder_are_the_images()
    {
        Assert.Contains("floors       are those of the image, should the data folder be lost: it has none", Describe(hasHub: false));
        site.Accept(release: 7);
        site.First = site.First with { Floors = FloorRecord.TryRead(site.Store.ToReported(), out var floors) ? floors : null! };
        Assert.Contains("floors       are those of the image, should the data folder be lost: adapter pumps", Describe(hasHub: false));
    }

    [Fact]
    public void A_clock_that_is_behind_and_a_root_that_has_expired_need_an_operator()
    {
        site.RestartAt(DateTimeOffset.UnixEpoch);
        Assert.Contains(Describe(hasHub: true), line => line.StartsWith("clock        1970-01-01 00:00:00Z, not believed; 2026-05-26", StringComparison.Ordinal));
        Assert.Contains("The clock is earlier", Assert.Single(DoctorCommand.Needs(site.Store, Ready)), StringComparison.Ordinal);
        site.RestartAt(Sample.Root.Expires.AddDays(1));
        Assert.Contains("Root version 1 expired", Assert.Single(DoctorCommand.Needs(site.Store, Ready)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_key_and_trust_is_all_named()
    {
        File.WriteAllText(site.File("trust.json"), "{");
        site.Restart();
        var needs = DoctorCommand.Needs(site.Store, Ready with { State = DeviceKeyState.Undecryptable, Sentence = "Make a new key." }).ToList();
        Assert.Equal("Make a new key.", needs[0]);
        Assert.Contains("trust.json is damaged", needs[1], StringComparison.Ordinal);
        Assert.Equal(2, needs.Count);
    }

    private List<string> Describe(bool hasHub) => [.. DoctorCommand.Describe(site.Store, site.First, hasHub, site.Clock.GetUtcNow())];
}
