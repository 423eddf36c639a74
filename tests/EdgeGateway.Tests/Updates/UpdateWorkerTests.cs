using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Tests.Updates;

public sealed class UpdateWorkerTests : IDisposable
{
    private readonly UpdateSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task A_package_in_the_inbox_judges_once_it_is_proven_and_its_first_verdict_confirms_it()
    {
        await ReadyAsync();
        var sha256 = site.PutModel(release: 1);
        await site.TurnAsync();
        Assert.Equal((new InstalledPackage("phi-sensor", 1, 1, sha256, 1), false, null, null), (site.Model.Active, site.Model.Confirmed, site.Model.Previous, site.Model.Candidate));
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
        Assert.Equal(0, site.Floor().Release);

        site.Judge();
        await site.TurnAsync();
        Assert.True(site.Model.Confirmed);
        Assert.Equal(new Floor(1, 1), site.Floor());
        Assert.Empty(site.Model.Starts);
    }

    public static TheoryData<int> Turns => [.. Enumerable.Range(0, 9)];

    [Theory]
    [MemberData(nameof(Turns))]
    public async Task Killed_after_any_turn_it_goes_on_by_itself(int turns)
    {
        await ReadyAsync();
        var sha256 = site.PutModel(release: 1);
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < turns; i++)
        {
            await site.Worker.Slots.Single().AdvanceAsync(TestContext.Current.CancellationToken);
        }

        await site.KillAsync();
        await site.TurnAsync();
        Assert.Equal((sha256, "phi-sensor 1"), (site.Model.Active?.Sha256, site.Host.Model?.Version));
        Assert.Null(site.Model.Candidate);
    }

    [Fact]
    public async Task A_package_for_another_group_is_refused_and_taken_once_the_device_is_granted()
    {
        await site.TurnAsync();
        var sha256 = site.PutModel(release: 1);
        await site.TurnAsync();
        Assert.Equal((sha256, "group"), (Refusal()?.Sha256, Refusal()?.Code));
        site.Grant();
        await site.TurnAsync();
        await site.TurnAsync();
        Assert.Equal(sha256, site.Model.Active?.Sha256);
        Assert.Empty(site.Model.Refused);
    }

    [Fact]
    public async Task What_was_refused_stays_away_through_restarts_until_somebody_asks_for_it_once_more()
    {
        await ReadyAsync();
        var sha256 = site.PutModel(release: 1, change: manifest => manifest with { Base = manifest.Base with { Model = Sample.Digest("other") } });
        await site.TurnAsync();
        Assert.Equal((sha256, "engine"), (Refusal()?.Sha256, Refusal()?.Code));
        await site.KillAsync();
        await site.TurnAsync();
        Assert.Null(site.Model.Candidate);
        Assert.Empty(Directory.GetFiles(site.PathOf("blobs")));

        Assert.Null(site.Worker.Do(new OperatorAct(ActKind.Retry, SlotId.Model, null)));
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(sha256, site.Model.Candidate?.Sha256);
        Assert.Empty(site.Model.Refused);
    }

    [Fact]
    public async Task A_blob_that_is_not_whole_in_the_inbox_waits_until_it_is()
    {
        await ReadyAsync();
        var sha256 = site.PutModel(release: 1, damaged: "tokenizer.json");
        await site.TurnAsync();
        Assert.Equal(("blob-missing", sha256, UpdateStep.Fetch), (Waiting().Code, site.Model.Candidate?.Sha256, site.Model.Candidate?.Step));
        site.Mend();
        await site.TurnAsync();
        Assert.Equal(sha256, site.Model.Active?.Sha256);
    }

    [Fact]
    public async Task A_lower_release_takes_an_act_and_a_lower_security_epoch_is_never_taken()
    {
        await InstalledAsync(release: 5, epoch: 2);
        var older = site.PutModel(release: 4, epoch: 2);
        await site.TurnAsync();
        Assert.Equal(older, site.Model.Active?.Sha256);

        var calledBack = site.PutModel(release: 6, epoch: 1);
        await site.TurnAsync();
        Assert.Equal((calledBack, "epoch", older), (Refusal()?.Sha256, Refusal()?.Code, site.Model.Active?.Sha256));
    }

    [Fact]
    public async Task After_the_data_folder_was_lost_what_lies_there_is_no_act()
    {
        await InstalledAsync(release: 5);
        var reported = site.Parts.Trust.ToReported();
        site.PutModel(release: 4);
        await site.WipeAsync();
        site.Worker.TakeReported(new System.Text.Json.Nodes.JsonObject { ["floors"] = reported });
        site.Grant();
        await site.TurnAsync();
        await site.TurnAsync();
        Assert.True(site.Model.Active?.Release == 5, $"{site.Model}");
    }

    [Fact]
    public async Task Rolled_back_by_an_operator_it_stays_so_through_a_restart_and_can_be_taken_again()
    {
        await InstalledAsync(release: 1);
        await InstalledAsync(release: 2);
        Assert.Null(site.Worker.Do(new OperatorAct(ActKind.Rollback, SlotId.Model, null)));
        await site.TurnAsync();
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
        await site.KillAsync();
        await site.TurnAsync();
        Assert.Equal((1, 2, "phi-sensor 1"), (site.Model.Active?.Release, site.Model.Previous?.Release, site.Host.Model?.Version));

        Assert.Equal(404, site.Worker.Do(new OperatorAct(ActKind.Activate, SlotId.Model, 7))?.Status);
        Assert.Null(site.Worker.Do(new OperatorAct(ActKind.Activate, SlotId.Model, 2)));
        await site.TurnAsync();
        Assert.Equal("phi-sensor 2", site.Host.Model?.Version);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Three_deaths_before_its_first_verdict_bring_back_what_was_before_but_power_cuts_do_not(bool powerCuts, int expected)
    {
        await InstalledAsync(release: 1);
        site.PutModel(release: 2);
        await site.TurnAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(2, site.Model.Active?.Release);
            site.Boots += powerCuts ? 1 : 0;
            await site.KillAsync();
        }

        Assert.Equal((expected, $"phi-sensor {expected}"), (site.Model.Active?.Release, site.Host.Model?.Version));
        Assert.Equal(powerCuts ? null : "starts", Refusal()?.Code);
    }

    [Fact]
    public async Task What_the_settings_ask_for_waits_for_a_disk_that_does_not_take_it()
    {
        // nothing can be written over a folder, not by root either
        var obstacle = Directory.CreateDirectory(Path.Combine(site.Data, "updates", "slots.json.tmp"));
        site.Worker.Use(UpdateTargets.None with { Model = new PackageAddress(2, new Uri("https://store.example/manifest.json"), new string('a', 64), null, 0) });
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        Assert.Null(site.Model.Wish);
        obstacle.Delete();
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, site.Model.Wish?.Release);
    }

    [Fact]
    public async Task What_is_damaged_on_this_disk_gives_way_to_what_was_before()
    {
        await InstalledAsync(release: 1);
        await InstalledAsync(release: 2);
        foreach (var blob in PackageStore.ManifestOf(site.Parts.Store.Envelope(site.Model.Active!.Sha256)!)!.Blobs)
        {
            await File.WriteAllTextAsync(site.Parts.Store.BlobPath(blob), "worm", TestContext.Current.CancellationToken);
        }

        await site.KillAsync();
        Assert.Equal((1, "phi-sensor 1", "blob-length"), (site.Model.Active?.Release, site.Host.Model?.Version, Refusal()?.Code));
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(2100)]
    public async Task With_a_clock_that_is_wrong_what_runs_goes_on_and_in_2100_nothing_is_installed(int year)
    {
        await InstalledAsync(release: 1);
        site.StopClockAt(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await site.KillAsync();
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
        site.PutModel(release: 2);
        await site.TurnAsync();
        Assert.Equal(year == 2100 ? ("root-expired", 1) : ("", 2), (Waiting().Code, site.Model.Active!.Release));
    }

    [Fact]
    public async Task After_the_signers_changed_what_they_signed_before_goes_on_and_nothing_new_of_them_comes_in()
    {
        await InstalledAsync(release: 1);
        site.PutRoot(Trust.TrustSite.Roots[1]);
        site.PutRoot(Trust.TrustSite.Roots[2]);
        await site.TurnAsync();
        Assert.Equal(3, site.Parts.Trust.Current?.Root.Version);
        await site.KillAsync();
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
        site.PutModel(release: 2);
        await site.TurnAsync();
        Assert.Equal(("threshold", 1), (Refusal()?.Code, site.Model.Active?.Release));
    }

    [Fact]
    public async Task Each_decision_is_a_line_of_the_log()
    {
        await InstalledAsync(release: 1);
        Assert.Null(site.Worker.Do(new OperatorAct(ActKind.Rollback, SlotId.Model, null)));
        string[] decisions = [.. (await File.ReadAllLinesAsync(site.PathOf("trust.log"), TestContext.Current.CancellationToken)).Select(line => line.Split('\t')[1])];
        Assert.Equal(["made", "granted", "accepted", "activated", "confirmed", "rolled back"], decisions);
    }

    [Fact]
    public async Task An_act_that_a_command_left_is_taken_once_and_what_is_none_is_removed()
    {
        await InstalledAsync(release: 1);
        var acts = new Acts(site.PathOf(Acts.FolderName));
        acts.Leave(new OperatorAct(ActKind.Rollback, SlotId.Model, null), Sample.Now);
        await File.WriteAllTextAsync(site.PathOf($"{Acts.FolderName}/00.json"), "{", TestContext.Current.CancellationToken);
        await site.TurnAsync();
        Assert.Null(site.Model.Active);
        Assert.Empty(Directory.GetFiles(site.PathOf(Acts.FolderName)));
    }

    [Fact]
    public async Task An_adapter_for_another_model_is_refused_by_name_and_none_is_loaded()
    {
        await ReadyAsync();
        site.PutPackage(new PackageSlot(PackageKind.Adapter, "pumps"), EdgeGateway.Models.LoadedModel.BuiltIn, release: 1, change: manifest => manifest with { Base = Sample.PhiSensor });
        await site.TurnAsync();
        Assert.Equal("base-model", site.Pumps.Refused.Single().Code);
    }

    [Fact]
    public async Task An_adapter_whose_model_is_exchanged_while_it_is_proven_begins_anew_on_the_other()
    {
        await ReadyAsync();
        using var folder = new Storage.TempFolder();
        site.PutPackage(new PackageSlot(PackageKind.Adapter, "pumps"), Models.SiteAdapter.Write(folder.File("pumps")), release: 1);
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        var pumps = site.Worker.Slots.Single(slot => slot.Id.Adapter == "pumps");
        while (site.Pumps.Candidate!.Step != UpdateStep.Prove)
        {
            await pumps.AdvanceAsync(TestContext.Current.CancellationToken);
        }

        site.Host.Put(EdgeGateway.Models.LoadedModel.Load(EdgeGateway.Models.LoadedModel.BuiltIn, adapters: true))?.Dispose();
        Assert.Equal(TimeSpan.Zero, await pumps.AdvanceAsync(TestContext.Current.CancellationToken));
        Assert.Equal(UpdateStep.Fetch, site.Pumps.Candidate!.Step);
        await pumps.AdvanceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(UpdateStep.Verify, site.Pumps.Candidate!.Step);
    }

    private async Task ReadyAsync()
    {
        await site.TurnAsync();
        site.Grant();
        await site.TurnAsync();
    }

    private async Task InstalledAsync(int release, int epoch = 1)
    {
        await ReadyAsync();
        site.PutModel(release, epoch);
        await site.TurnAsync();
        site.Judge();
        await site.TurnAsync();
        Assert.True(site.Model.Active?.Release == release, Refusal()?.ToString() ?? Waiting().ToString());
        Assert.True(site.Model.Confirmed);
    }

    private RefusedPackage? Refusal() => site.Model.Refused.LastOrDefault();

    private StepOutcome Waiting() => site.Worker.Slots.Single(s => s.Id == SlotId.Model).Waiting;
}
