using EdgeGateway.Commands;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Tests.Updates.Trust;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

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
        Assert.Matches("(?m)^memory       [0-9]+ MiB for this process$", output);
        Assert.Matches("(?m)^volume       .*: [0-9]+ of [0-9]+ MiB are free$", output);
        Assert.Contains("model        phi-sensor of this version", output, StringComparison.Ordinal);
        Assert.Matches("(?m)^clock        20[0-9-]+ [0-9:]+Z$", output);
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
    public async Task Prime_and_run_say_as_well_that_a_configuration_is_not_there()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("history.csv"), "time,plant/p1\n2026-01-01T00:00:00Z,1\n", TestContext.Current.CancellationToken);
        foreach (var command in new[] { "prime", "run" })
        {
            string[] history = command == "prime" ? [folder.File("history.csv")] : [];
            var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, [command, "--data", folder.Path, "--config", folder.File("none.json"), .. history]);
            Assert.Equal(2, code);
            Assert.Contains("none.json", output, StringComparison.Ordinal);
            Assert.Contains("does not exist", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_model_that_cannot_be_read_and_slots_that_are_damaged_end_with_3()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("gateway.json"), $$"""{ "schema": 1, "gateway": "north", "sources": { "s": { "input": "in", "values": "*" } }, "model": { "path": "{{folder.File("none")}}" } }""", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.File("updates"));
        await File.WriteAllTextAsync(folder.File("updates/slots.json"), "{", TestContext.Current.CancellationToken);
        var (code, output) = await CommandProcess.RunAsync(CommandProcess.NoVariables, "doctor", "--data", folder.Path, "--config", folder.File("gateway.json"));
        Assert.Equal(3, code);
        Assert.Matches("(?m)^! .*none.*sensor.json", output);
        Assert.Contains($"! {folder.File("updates/slots.json")} cannot be read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_does_not_answer_ends_with_3()
    {
        using var folder = new TempFolder();
        var key = Convert.ToBase64String(new byte[32]);
        var (code, output) = await CommandProcess.RunAsync(
            new Dictionary<string, string> { ["IotHubConnectionString"] = $"HostName=127.0.0.1;DeviceId=edge-1;ModuleId=gateway;SharedAccessKey={key}" }, "doctor", "--data", folder.Path);
        Assert.Equal(3, code);
        Assert.Contains("! The hub 127.0.0.1:8883 cannot be reached (Connection refused): alerts wait here", output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_is_behind_needs_an_operator_also_without_a_root()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var first = FirstRoot.Read(null, folder.Path);
        var trust = new TrustStore(folder.Path, first, clock, TrustSite.Release, new TrustLog(folder.Path, clock, NullLogger.Instance), NullLogger.Instance);
        Assert.Contains("clock        1970-01-01 00:00:00Z, not believed", DoctorCommand.Describe(trust, first, hasHub: false, clock.GetUtcNow()));
        Assert.Contains("The clock is earlier", Assert.Single(DoctorCommand.Needs(trust, Ready)), StringComparison.Ordinal);
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
