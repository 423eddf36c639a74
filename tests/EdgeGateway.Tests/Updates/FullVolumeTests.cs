using System.Text.Json.Nodes;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Commands;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Tests.Updates;

/// <summary>A volume that is really full: what judges goes on judging, what waits says so, and it finishes by itself when there is room.</summary>
public sealed class FullVolumeTests : IDisposable
{
    private readonly SmallVolume volume = new(megabytes: 80);
    private readonly UpdateSite site;

    public FullVolumeTests() => site = new UpdateSite(volume.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        site.Dispose();
        volume.Dispose();
    }

    [Fact]
    public async Task A_model_waits_at_each_step_and_judges_in_the_end()
    {
        await InstalledAsync(release: 1);
        var (next, model) = (site.PutModel(release: 2), site.Worker.Slots.Single(slot => slot.Id == SlotId.Model));
        await site.Worker.LookOnceAsync(Token);
        var waited = new HashSet<UpdateStep>();
        while (site.Model.Candidate is { } candidate)
        {
            volume.Fill();
            await model.AdvanceAsync(Token);
            await model.AdvanceAsync(Token);
            if (model.Waiting.Code == "disk")
            {
                waited.Add(candidate.Step);
                Assert.Contains("the disk is full", (string)site.Worker.Report.Slots()["model"]!["waits"]!["error"]!, StringComparison.Ordinal);
            }

            Assert.Equal((candidate, 1), (site.Model.Candidate, site.Model.Active!.Release));
            volume.Free();
            await model.AdvanceAsync(Token);
            if (model.Waiting.Code == "shadow")
            {
                // nothing is judged live here
                site.Host.SetNone()?.Dispose();
            }
        }

        Assert.Equal([UpdateStep.Fetch, UpdateStep.Verify, UpdateStep.Open, UpdateStep.Stage, UpdateStep.WarmUp, UpdateStep.Prove, UpdateStep.Activate], waited.Order());
        Assert.Equal((next, "phi-sensor 2"), (site.Model.Active?.Sha256, site.Host.Model?.Version));

        site.Judge();
        volume.Fill();
        await model.AdvanceAsync(Token);
        Assert.Equal(("disk", false, 1), (model.Waiting.Code, site.Model.Confirmed, site.Floor().Release));
        volume.Free();
        await model.AdvanceAsync(Token);
        Assert.Equal(("", true, 2), (model.Waiting.Code, site.Model.Confirmed, site.Floor().Release));
    }

    [Fact]
    public async Task What_would_not_leave_room_for_alerts_is_not_copied_from_the_inbox()
    {
        await ReadyAsync();
        site.PutModel(release: 1);
        volume.Fill(but: DataVolume.Reserve / 2);
        await site.TurnAsync();
        Assert.Contains("64 MiB must stay free for alerts", (string)site.Worker.Report.Slots()["model"]!["waits"]!["error"]!, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(site.PathOf("blobs")));
        volume.Free();
        await site.TurnAsync();
        Assert.Equal(1, site.Model.Active?.Release);
    }

    [Fact]
    public async Task A_process_that_starts_there_judges_by_what_was_active()
    {
        await InstalledAsync(release: 1);
        volume.Fill();
        await site.KillAsync();
        await site.TurnAsync();
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
    }

    [Fact]
    public async Task A_wish_of_the_settings_is_reported_as_waiting_and_kept_once_there_is_room()
    {
        await ReadyAsync();
        var address = new PackageAddress(3, new Uri("https://store.example/3/manifest.json"), Sample.Digest("three"), null, 0);
        volume.Fill();
        site.Worker.Use(UpdateTargets.None with { Model = address });
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal("disk", Waits("settings")?["code"]?.ToString());
        Assert.Contains("may wait for the disk: it needs 0 MiB and 64 MiB must stay free", await ListAsync(), StringComparison.Ordinal);
        Assert.Null(site.Model.Candidate);
        volume.Free();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal((3, null), (site.Model.Candidate?.Release, Waits("settings")));
        Assert.DoesNotContain("disk", await ListAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grants_roots_acts_and_floors_are_reported_as_waiting_and_taken_once_there_is_room()
    {
        await InstalledAsync(release: 1);
        site.PutRoot(Trust.TrustSite.Roots[1]);
        new Acts(site.PathOf(Acts.FolderName)).Leave(new OperatorAct(ActKind.Rollback, SlotId.Model, null), Sample.Now);
        var floors = site.Parts.Trust.ToReported();
        floors["model"] = new JsonObject { ["other"] = new JsonArray(7, 1) };
        volume.Fill();
        await site.Worker.LookOnceAsync(Token);
        site.Worker.TakeReported(new JsonObject { ["floors"] = floors });
        Assert.All(["inbox", "commands", "floors"], whose => Assert.Contains("the disk is full", Waits(whose)?["error"]?.ToString() ?? "", StringComparison.Ordinal));
        Assert.Equal((1, 1, 0), (site.Parts.Trust.Current!.Root.Version, site.Model.Active?.Release, FloorOfOther()));

        volume.Free();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal((2, null, 7), (site.Parts.Trust.Current!.Root.Version, site.Model.Active, FloorOfOther()));
        Assert.Null(site.Worker.Report.Slots()["waits"]);
    }

    [Fact]
    public async Task A_device_key_and_a_grant_are_made_once_there_is_room()
    {
        volume.Fill();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal(DeviceKeyState.Unavailable, site.Parts.DeviceKey.Status.State);
        Assert.Contains("the disk is full", site.Parts.DeviceKey.Status.Sentence, StringComparison.Ordinal);
        volume.Free();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal(DeviceKeyState.Ready, site.Parts.DeviceKey.Status.State);

        site.Grant();
        volume.Fill();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal(("disk", 0), (Waits("inbox")?["code"]?.ToString(), site.Parts.Keys.Held().Length));
        volume.Free();
        await site.Worker.LookOnceAsync(Token);
        Assert.Equal((null, 1), (Waits("inbox"), site.Parts.Keys.Held().Length));
    }

    private JsonNode? Waits(string whose) => site.Worker.Report.Slots()["waits"]?[whose];

    private async Task<string> ListAsync() => (await CommandProcess.RunAsync(CommandProcess.NoVariables, "model", "list", "--data", volume.Path)).Output;

    private int FloorOfOther() => site.Parts.Trust.Current!.FloorOf(new PackageSlot(PackageKind.Model, "other")).Release;

    private async Task ReadyAsync()
    {
        await site.TurnAsync();
        site.Grant();
        await site.TurnAsync();
    }

    private async Task InstalledAsync(int release)
    {
        await ReadyAsync();
        site.PutModel(release);
        await site.TurnAsync();
        site.Judge();
        await site.TurnAsync();
        Assert.True(site.Model.Confirmed);
    }
}
