using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Replay;
using EdgeGateway.Scenarios.Harness;
using SensorSimulator.Plant;

namespace EdgeGateway.Scenarios;

/// <summary>From a fault at a plant over what people say of the alert to labelled recordings for training.</summary>
public class ExportTests
{
    private const int Seconds = 3000;
    private const ulong Seed = 3;

    [Fact]
    public async Task Alerts_of_a_plant_that_people_judged_come_out_as_labelled_recordings()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["operations"] = new JsonObject { ["commands"] = new JsonArray("feedback") });
        List<Raised> right = [];
        List<Raised> wrong = [];
        using (var subscriber = await site.SubscribeAsync())
        {
            using var gateway = site.Run();
            await gateway.SaysAsync(Site.Connected);
            await site.PublishAsync(Site.PlantMessages(Seed, Seconds));
            await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
            await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == "end/v"), () => $"everything has been judged; the gateway said:\n{gateway.Output}");
            foreach (var raised in Anomalies(subscriber))
            {
                var isRight = IsFault(raised);
                await JudgeAsync(broker, raised.AlertId, isRight ? "true" : "false");
                (isRight ? right : wrong).Add(raised);
            }

            Assert.Equal(0, await gateway.StopAsync());
        }

        Assert.NotEmpty(right);
        Assert.Contains("events (alerts judged true)", await ExportAsync(site, "named", "--names"), StringComparison.Ordinal);
        var files = ReplayFile.At(site.PathOf("named"));
        var events = files.SelectMany(EventsOf).ToList();
        Assert.All(right, r => Assert.Contains(events, e => e.Subject == r.Subject && e.Begin <= r.Begin && e.End >= r.End));
        Assert.All(events, e => Assert.Contains(right, r => e.Subject == r.Subject && (e.Begin == r.Begin || e.IsCut)));
        Assert.All(wrong, w => Assert.DoesNotContain(events, e => e.Subject == w.Subject && e.Begin <= w.End && e.End >= w.Begin));

        await ExportAsync(site, "foreign");
        string[] names = ["line", "pump", "fan", "pressure", "plant", "Ada", "2026", "judged by", .. right.Select(r => r.AlertId)];
        var written = Directory.GetFiles(site.PathOf("foreign"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(site.PathOf("foreign"), f) + File.ReadAllText(f)).ToList();
        Assert.Equal(files.Count, ReplayFile.At(site.PathOf("foreign")).Count);
        Assert.All(names, name => Assert.DoesNotContain(written, text => text.Contains(name, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("gateway.db cannot be read: there is no such file", "target", "--data", "nowhere")]
    [InlineData("gateway.json is there already and not empty; name a new folder.", "gateway.json")]
    [InlineData("Required argument 'PATH' missing")]
    public async Task What_cannot_be_exported_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        using var site = new Site(1883);
        var said = await RunAsync(site, 2, ["export", .. arguments]);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(site.PathOf("target")));
    }

    private sealed record Raised(string AlertId, string Subject, DateTimeOffset Begin, DateTimeOffset End);

    private static IEnumerable<Raised> Anomalies(Subscriber subscriber) =>
        from message in subscriber.Messages
        where message.Topic.EndsWith("/events", StringComparison.Ordinal)
        let data = JsonNode.Parse(message.Payload)!["data"]!
        where (string)data["transition"]! == "raised" && (string)data["family"]! == "anomaly"
        select new Raised((string)data["alertId"]!, (string)data["asset"]!, Time(data["windowStart"]!), Time(data["windowEnd"]!));

    private static DateTimeOffset Time(JsonNode node) => DateTimeOffset.Parse((string)node!, CultureInfo.InvariantCulture);

    /// <summary>Whether the window that raised it touches a fault that was injected there.</summary>
    private static bool IsFault(Raised raised) => Plant.Create(Seed, new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero), Seconds).Faults
        .Any(f => $"plant/{f.Asset}" == raised.Subject && f.Start <= raised.End && f.End >= raised.Begin);

    /// <summary>The labelled events with their times; cut is one that the file begins in.</summary>
    private static IEnumerable<(string Subject, DateTimeOffset Begin, DateTimeOffset End, bool IsCut)> EventsOf(ReplayFile file)
    {
        using var series = RecordedSeries.Open(file.Path, file.Labels!.Columns);
        var times = series.Rows(_ => { }).Select(r => r.Time).ToList();
        file.Labels.CheckAgainst(file.Path, times.Count);
        return [.. file.Labels.Events.Select(e => (file.Labels.Device!, times[e[0]], times[e[1]], e[0] == 0))];
    }

    private static async Task JudgeAsync(MosquittoBroker broker, string alert, string verdict)
    {
        var (_, output) = await Tool.RunAsync(
            "mosquitto_rr", "-h", "127.0.0.1", "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-W", "10", "-t", $"edgegateway/{Site.Gateway}/commands/feedback",
            "-e", $"edgegateway/{Site.Gateway}/replies/me", "-m", $$"""{"alertId":"{{alert}}","by":"Ada","verdict":"{{verdict}}","note":"judged by the truth"}""");
        Assert.Equal(200, (int)JsonNode.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..])!["status"]!);
    }

    private static Task<string> ExportAsync(Site site, string target, params string[] arguments) => RunAsync(site, 0, ["export", target, "--data", site.Data, .. arguments]);

    private static async Task<string> RunAsync(Site site, int code, string[] arguments)
    {
        using var process = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, arguments);
        Assert.True(await process.ExitAsync() == code, process.Output);
        return process.Output;
    }
}
