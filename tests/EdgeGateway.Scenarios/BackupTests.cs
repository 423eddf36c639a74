using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Scenarios.Updates;

namespace EdgeGateway.Scenarios;

/// <summary>What docs/backup.md says of copies of a data folder.</summary>
public sealed class BackupTests(Workshop people) : IClassFixture<Workshop>
{
    private const int Copies = 3;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    private static readonly IReadOnlyList<(string Topic, string Payload)> Feed = Site.PlantMessages(seed: 1, seconds: 1800);

    [Fact]
    public async Task A_copy_of_a_stopped_gateway_goes_on_where_it_stopped()
    {
        Assert.Equal(await AlertsAsync(restored: false), await AlertsAsync(restored: true));
    }

    [Fact]
    public async Task A_copy_of_a_gateway_that_is_paused_in_the_middle_of_its_work_is_whole()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["ack"] = "durable");
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        var feed = site.PublishAsync(Feed);
        for (var copy = 0; copy < Copies; copy++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal(0, GatewayProcess.Signal(gateway.Id, Sigstop));
            await BackUpAsync(site.Data, site.PathOf($"copy-{copy}.tgz"));
            Assert.Equal(0, GatewayProcess.Signal(gateway.Id, Sigcont));
        }

        await feed;
        gateway.Kill();
        for (var copy = 0; copy < Copies; copy++)
        {
            await RestoreAsync(site.PathOf($"copy-{copy}.tgz"), site.Data);
            using var restored = site.Run();
            await restored.SaysAsync(Site.Connected);
            Assert.Equal(0, await restored.StopAsync());
            Assert.DoesNotContain("could not be used", restored.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("damaged", restored.Output, StringComparison.Ordinal);
        }

        AssertOneMeaningForEachId(subscriber.Transitions());
    }

    [Fact]
    public async Task An_old_copy_delivers_again_under_the_same_ids_ends_what_has_ended_and_raises_anew_what_still_lasts()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, HubSite.Gateway);
        await WriteThreeLimitsAsync(site, broker.Port);
        using (var first = await StartAsync(site))
        {
            await ReadAsync(feed, "ended", minute: 0, value: 2);
            await UpstreamAsync(site, first, "ended", transitions: 1);
            site.Stand.Switches.Down = true;
            await ReadAsync(feed, "waiting", minute: 1, value: 2);
            await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == "waiting/v"), "the broker has the alert that waits for the hub");
            Assert.Equal(0, await first.StopAsync());
        }

        await BackUpAsync(site.PathOf("data"), site.PathOf("backup.tgz"));
        site.Stand.Switches.Down = false;
        using (var second = await StartAsync(site))
        {
            await UpstreamAsync(site, second, "waiting", transitions: 1);
            await ReadAsync(feed, "ended", minute: 2, value: 0.5);
            await UpstreamAsync(site, second, "ended", transitions: 2);
            await ReadAsync(feed, "lasting", minute: 3, value: 2);
            await UpstreamAsync(site, second, "lasting", transitions: 1);
            Assert.Equal(0, await second.StopAsync());
        }

        var before = site.Upstream();
        await RestoreAsync(site.PathOf("backup.tgz"), site.PathOf("data"));
        using var restored = await StartAsync(site);
        await UpstreamAsync(site, restored, "waiting", transitions: 2);
        await ReadAsync(feed, "ended", minute: 4, value: 0.5);
        await UpstreamAsync(site, restored, "ended", transitions: 3);
        await ReadAsync(feed, "lasting", minute: 5, value: 2);
        await UpstreamAsync(site, restored, "lasting", transitions: 2);

        var again = site.Upstream().Skip(before.Count).ToList();
        Assert.Equal(before.Single(t => t.Subject == "waiting/v"), again.Single(t => t.Subject == "waiting/v"));
        Assert.Equal(before.Single(t => t is { Subject: "ended/v", Transition: "cleared" }), again.Single(t => t.Subject == "ended/v"));
        var (lost, lasting) = (before.Single(t => t.Subject == "lasting/v"), again.Single(t => t.Subject == "lasting/v"));
        Assert.Equal(("raised", 1, "raised", 1), (lost.Transition, lost.Sequence, lasting.Transition, lasting.Sequence));
        Assert.NotEqual(lost.AlertId, lasting.AlertId);
        AssertOneMeaningForEachId(site.Upstream());
        await Eventually.HoldsAsync(() => subscriber.Newest(StateOf(lost)) == "", "the state of an alert that the copy does not know is emptied");
        Assert.Equal((true, ""), (subscriber.Newest(StateOf(lasting)) is { Length: > 0 }, subscriber.Newest(StateOf(again.Single(t => t.Subject == "ended/v")))));
        Assert.Equal(0, await restored.StopAsync());
    }

    [Fact]
    public async Task On_another_device_it_judges_and_alerts_but_opens_nothing_that_was_sealed_for_the_first_until_it_has_a_key_of_its_own()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var feed = new Site(broker.Port);
        await using var first = await HubSite.StartedAsync(broker);
        await using var second = await HubSite.StartedAsync(broker);
        await WriteThreeLimitsAsync(first, broker.Port);
        await WriteThreeLimitsAsync(second, broker.Port);
        string fingerprint;
        using (var gateway = await StartAsync(first))
        {
            fingerprint = await KeyAsync(first, "ready");
            Assert.Equal(0, await gateway.StopAsync());
        }

        await BackUpAsync(first.PathOf("data"), first.PathOf("backup.tgz"));
        await RestoreAsync(first.PathOf("backup.tgz"), second.PathOf("data"));
        using var moved = await StartAsync(second);
        Assert.Equal(fingerprint, await KeyAsync(second, "undecryptable"));
        await ReadAsync(feed, "lasting", minute: 0, value: 2);
        await UpstreamAsync(second, moved, "lasting", transitions: 1);
        Assert.Equal(0, await moved.StopAsync());

        using (var renewed = GatewayProcess.Start(Path.GetTempPath(), second.Stand.ModuleEnvironment(HubSite.Module), "keys", "new", "--data", second.PathOf("data")))
        {
            Assert.True(await renewed.ExitAsync() == 0, renewed.Output);
        }

        using var own = await StartAsync(second);
        Assert.NotEqual(fingerprint, await KeyAsync(second, "ready"));
        Assert.Equal(0, await own.StopAsync());
    }

    [Fact]
    public async Task An_old_copy_does_not_bring_back_the_trust_of_its_day_where_there_is_a_hub()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        await WriteThreeLimitsAsync(site, broker.Port, new JsonObject { ["root"] = people.Root });
        using (var gateway = await StartAsync(site))
        {
            await TrustsAsync(site, gateway, root: 1);
            Assert.Equal(0, await gateway.StopAsync());
        }

        await BackUpAsync(site.PathOf("data"), site.PathOf("backup.tgz"));
        using (var gateway = await StartAsync(site))
        {
            var root = await people.RootAsync(2, "ada", "eve", people.New());
            File.Copy(root, Path.Combine(Directory.CreateDirectory(site.PathOf("data/inbox")).FullName, "root.2.json"));
            await Eventually.HoldsAsync(
                () => (int?)site.Stand.Twin(site.Stand.NameOf(HubSite.Module))["reported"]!["floors"]?["root"] == 2, () => $"root 2 is reported, but the gateway said:\n{gateway.Output}");
            Assert.Equal(0, await gateway.StopAsync());
        }

        await RestoreAsync(site.PathOf("backup.tgz"), site.PathOf("data"));
        Assert.False(File.Exists(site.PathOf("data/updates/roots/root.2.json")));
        using var restored = await StartAsync(site);
        await Eventually.HoldsAsync(() => File.Exists(site.PathOf("data/updates/trust.log")) && File.ReadAllText(site.PathOf("data/updates/trust.log")).Contains("\theard\tfloors\t", StringComparison.Ordinal), () => $"it takes back what it had reported, but said:\n{restored.Output}");
        await TrustsAsync(site, restored, root: 2);
        Assert.Equal(0, await restored.StopAsync());
    }

    /// <summary>The transitions of a whole feed with a stop in its middle, after which the data folder is another copy of itself.</summary>
    private static async Task<IReadOnlyList<SeenTransition>> AlertsAsync(bool restored)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using (var first = site.Run())
        {
            await first.SaysAsync(Site.Connected);
            await site.PublishAsync(Feed.Take(Feed.Count / 2));
            Assert.Equal(0, await first.StopAsync());
        }

        if (restored)
        {
            await BackUpAsync(site.Data, site.PathOf("backup.tgz"));
            await RestoreAsync(site.PathOf("backup.tgz"), site.Data);
        }

        using var second = site.Run();
        await second.SaysAsync(Site.Connected);
        await site.PublishAsync(Feed.Skip(Feed.Count / 2));
        await site.EndAsync(second, subscriber);
        Assert.Contains(subscriber.Transitions(), t => t.Family == "anomaly");
        return [.. subscriber.Transitions().OrderBy(t => t.AlertId, StringComparer.Ordinal).ThenBy(t => t.Sequence)];
    }

    private static void AssertOneMeaningForEachId(IReadOnlyList<SeenTransition> transitions) =>
        Assert.All(transitions.GroupBy(t => (t.AlertId, t.Sequence)), same => Assert.Single(same.Distinct()));

    /// <summary>Three sensors, each with a limit at 1, and a hub.</summary>
    private static Task WriteThreeLimitsAsync(HubSite site, int brokerPort, JsonObject? updates = null)
    {
        var settings = new JsonObject
        {
            ["schema"] = 1,
            ["hub"] = new JsonObject { ["port"] = site.Stand.MqttPort },
            ["broker"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = brokerPort },
            ["sources"] = new JsonObject(((string[])["ended", "waiting", "lasting"]).Select(name => KeyValuePair.Create<string, JsonNode?>(
                name, JsonNode.Parse($$"""{ "topic": "{{name}}", "values": { "v": "/v" }, "time": "/ts", "asset": "{{name}}", "range": { "v": [0, 1] } }""")))),
        };
        if (updates is not null)
        {
            settings["updates"] = updates;
        }

        return File.WriteAllTextAsync(site.PathOf("site.json"), settings.ToJsonString());
    }

    private static async Task<GatewayProcess> StartAsync(HubSite site)
    {
        var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        return gateway;
    }

    private static Task ReadAsync(Site feed, string topic, int minute, double value) =>
        feed.PublishAsync(topic, [string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"ts":"2026-01-01T00:{{minute:00}}:00Z","v":{{value}}}""")]);

    private static Task UpstreamAsync(HubSite site, GatewayProcess gateway, string subject, int transitions) => Eventually.HoldsAsync(
        () => site.Upstream().Count(t => t.Subject == $"{subject}/v") == transitions,
        () => $"the hub has {transitions} transitions of {subject}, but it has {string.Join(", ", site.Upstream())} and the gateway said:\n{gateway.Output}");

    /// <summary>The fingerprint of the device key, once the gateway says this of it.</summary>
    private static async Task<string> KeyAsync(HubSite site, string state)
    {
        JsonNode? device = null;
        await Eventually.HoldsAsync(() => (string?)(device = site.Answer("models")["device"])?["state"] == state, () => $"the device key is {state}, but there is {device}");
        return (string)device!["fingerprint"]!;
    }

    private static Task TrustsAsync(HubSite site, GatewayProcess gateway, int root) =>
        Eventually.HoldsAsync(() => (int?)site.Answer("models")["floors"]?["root"] == root, () => $"root {root} is trusted, but there is {site.Answer("models")} and the gateway said:\n{gateway.Output}");

    private static string StateOf(SeenTransition alert) => $"edgegateway/{HubSite.Gateway}/alerts/{alert.AlertId}";

    /// <summary>As docs/backup.md does it.</summary>
    private static Task BackUpAsync(string data, string to) => RunAsync("tar", "-C", data, "--numeric-owner", "-czpf", to, "--exclude=./gateway.lock", "--exclude=./support", ".");

    private static async Task RestoreAsync(string backup, string data)
    {
        Directory.CreateDirectory(data);
        await RunAsync("find", data, "-mindepth", "1", "-delete");
        await RunAsync("tar", "-C", data, "--numeric-owner", "-xzpf", backup);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, said) = await Tool.RunAsync(program, arguments);
        Assert.True(code == 0, said);
    }
}
