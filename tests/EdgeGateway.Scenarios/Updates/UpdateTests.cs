using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Commands;
using EdgeGateway.Replay;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;
using EdgeGateway.Tests.Updates.Fetching;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>The whole way of an update: a hub that names it, Azure Blob Storage (Azurite) that serves it sealed, a gateway that proves and activates it while it judges. Adapters are those that phitrain trained for one made-up site.</summary>
public sealed class UpdateTests(Workshop people, Azurite store) : IClassFixture<Workshop>, IClassFixture<Azurite>
{
    /// <summary>Recordings that training never saw.</summary>
    private const int HeldBack = 16;

    private static readonly string Model = Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor");
    private static readonly string Recordings = Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_adapter_for_a_site_finds_more_on_recordings_that_training_never_saw_without_more_false_alarms()
    {
        var folder = people.New();
        SiteRecordings.Write(folder, HeldBack);
        var (before, after) = (await ReplayAsync(folder), await ReplayAsync(folder, "--adapter", Adapter("honest")));
        var gain = Bootstrap.Middle(Bootstrap.Draws(HeldBack).Select(draw => Bootstrap.Sum(after, draw[0]).F1 - Bootstrap.Sum(before, draw[0]).F1));
        var (was, now) = (SeriesScore.Sum(before), SeriesScore.Sum(after));
        var figures = string.Create(CultureInfo.InvariantCulture, $"{was.Events} events, F1 {was.F1:0.000} -> {now.F1:0.000}, gain [{gain.Low:0.000}, {gain.High:0.000}], false alarms per sensor-day {was.FalsePerSensorDay:0.000} -> {now.FalsePerSensorDay:0.000}");
        TestContext.Current.SendDiagnosticMessage(figures);
        Assert.True(gain.Low > 0, figures);
        Assert.True(now.FalsePerSensorDay <= was.FalsePerSensorDay, figures);
    }

    [Fact]
    public async Task An_adapter_that_the_twin_names_judges_once_it_is_proven_and_bad_ones_that_are_rightly_signed_are_refused()
    {
        await using var site = await UpdateSite.StartedAsync(people, store);
        await site.GrantAsync(people);
        site.AskForAdapter(await site.StoreAsync(await PackageAsync(Adapter("honest"), 1)));
        await site.ActiveAsync(release: 1);

        foreach (var (folder, release, code, words) in new[]
        {
            (Adapter("inverted"), 2, "proof-blind", "canonical windows with the fault"), (Adapter("blind-for-stuck"), 3, "proof-blind", "canonical windows with the fault stuck"),
            (ThriceTheFalseAlarms(), 4, "proof-false-alarms", "normal canonical windows for faults"),
        })
        {
            var bad = await site.StoreAsync(await PackageAsync(folder, release));
            site.AskForAdapter(bad);
            var refused = await site.RefusedAsync(bad);
            Assert.Equal((release, code), (release, refused.Code));
            Assert.Contains(words, refused.Sentence, StringComparison.Ordinal);
            Assert.Equal(1, (int)site.Slot()["active"]!["release"]!);
        }

        await Eventually.HoldsAsync(() => (int?)site.Reported("slots")?["adapters"]?["pumps"]?["refused"]?["release"] == 4, () => $"the hub knows, but it has {site.Reported()}");
        Assert.Equal(("settled", 1), ((string)site.Reported("slots")!["adapters"]!["pumps"]!["state"]!, (int)site.Reported("slots")!["adapters"]!["pumps"]!["active"]!["release"]!));
        Assert.Equal(0, await site.Gateway.StopAsync());
        Assert.DoesNotContain("sig=", site.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_the_twin_names_replaces_the_built_in_one_and_once_rolled_back_stays_away_until_somebody_acts()
    {
        await using var site = await UpdateSite.StartedAsync(people, store);
        await site.GrantAsync(people);
        var address = await site.StoreAsync(await people.PackageAsync("phi-sensor", 2, Model, golden: Path.Combine(Recordings, "00.csv")));
        site.AskForModel(address);
        await site.ActiveAsync(release: 2, adapter: false);

        Assert.Equal(200, (await site.Hub.InvokeAsync("rollback")).Status);
        await OldOneStaysAsync(site);
        Assert.Equal(0, await site.Gateway.StopAsync());
        await site.StartAsync();
        await OldOneStaysAsync(site);
        site.Hub.Stand.Switches.Down = true;
        await Eventually.HoldsAsync(() => site.Hub.Stand.Connected.Count == 0, "the hub is away");
        site.Hub.Stand.Switches.Down = false;
        await Eventually.HoldsAsync(() => site.Hub.Stand.Connected.Count == 1, "the hub is back");
        address["query"] = Azurite.ContainerSas(TimeProvider.System.GetUtcNow().AddHours(2));
        await site.Hub.InForceAsync(site.AskForModel(address), site.Gateway);
        await OldOneStaysAsync(site);

        Assert.Equal(200, (await site.Hub.InvokeAsync("activate", """{ "release": 2 }""")).Status);
        await site.ActiveAsync(release: 2, adapter: false);
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    /// <summary>The image's model judges windows, and nothing is on its way to take its place.</summary>
    private static async Task OldOneStaysAsync(UpdateSite site)
    {
        var judged = site.Hub.Counter("windows.judged");
        await site.FedUntilAsync(() => site.Slot(adapter: false) is var slot && (string?)slot["state"] == "settled" && slot["active"] is JsonValue && site.Hub.Counter("windows.judged") > judged, "the model before it judges again");
        Assert.Null(site.Slot(adapter: false)["candidate"]);
    }

    private Task<MadePackage> PackageAsync(string folder, int release) => people.PackageAsync("pumps", release, folder, golden: Path.Combine(Recordings, "00.csv"));

    /// <summary>An adapter that was trained on these labels.</summary>
    private static string Adapter(string labels) => Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "adapters", labels);

    /// <summary>The adapter that judges, with a threshold so low that it takes three times as many normal windows of the image for faults.</summary>
    private string ThriceTheFalseAlarms()
    {
        using var model = ChosenModel.Load(Model, Adapter("honest"));
        using var judge = model.NewJudge();
        var windows = CanonicalWindows.Load(CanonicalWindows.BuiltIn);
        double[] normal = [.. CanonicalAnswers.Of(new JudgedModel(judge, model.Sensor), windows, _ => true, Token).LogOdds.Where((_, i) => !windows.All[i].IsFault).OrderDescending()];
        var folder = Directory.CreateDirectory(people.New()).FullName;
        File.Copy(Path.Combine(Adapter("honest"), "adapter.onnx_adapter"), Path.Combine(folder, "adapter.onnx_adapter"));
        var sensor = JsonNode.Parse(File.ReadAllText(Path.Combine(Adapter("honest"), "sensor.json")))!;
        sensor["threshold"] = normal[3 * normal.Count(odds => odds > model.Sensor.Threshold)];
        File.WriteAllText(Path.Combine(folder, "sensor.json"), sensor.ToJsonString());
        return folder;
    }

    /// <summary>The scores of each recording of a folder, as the gateway judges them.</summary>
    private async Task<IReadOnlyList<SeriesScore>> ReplayAsync(string folder, params string[] more)
    {
        var alerts = people.New();
        using var replay = GatewayProcess.Start(folder, ["replay", folder, "--alerts", alerts, .. more]);
        Assert.Equal(0, await replay.ExitAsync(TimeSpan.FromMinutes(3)));
        var raised = (await File.ReadAllLinesAsync(alerts, Token)).Skip(1).Select(line => line.Split(',')).ToLookup(cells => cells[0], cells => int.Parse(cells[1], CultureInfo.InvariantCulture));
        return [.. ReplayFile.At(folder).Select(file => Scoring.Score(file.Labels!, File.ReadLines(file.Path).Count() - 1, raised[file.Name]))];
    }
}
