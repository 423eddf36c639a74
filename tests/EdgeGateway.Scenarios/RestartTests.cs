using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>ack: received</c>: a stop forgets nothing, a kill says what it cost.</summary>
public class RestartTests
{
    private static readonly IReadOnlyList<(string Topic, string Payload)> Feed = Site.PlantMessages(seed: 1, seconds: 1800);

    [Fact]
    public async Task Stopped_and_started_again_it_forgets_no_baseline_and_raises_no_alert_twice()
    {
        Assert.Equal(await AlertsAsync(stops: 0), await AlertsAsync(stops: 3));
    }

    [Fact]
    public async Task A_kill_costs_the_state_since_the_last_snapshot_and_one_notice_says_so()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using (var killed = site.Run())
        {
            await killed.SaysAsync(Site.Connected);
            await site.PublishAsync(Feed.Take(1000));
            killed.Kill();
        }

        using var gateway = site.Run();
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count(t => t.Kind == "broker") == 2, () => $"the notice, but the gateway said:\n{gateway.Output}");
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(0, subscriber.Counter("sessions.lost"));
    }

    [Fact]
    public async Task A_stop_that_takes_longer_than_two_seconds_still_drains_and_ends_with_0()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync($"{Site.Gateway}-out is connected");
        await broker.HangAsync();
        Assert.Equal(0, await gateway.StopAsync());
        Assert.True(File.Exists(Path.Combine(site.Data, "sensors.snapshot")));
    }

    [Fact]
    public async Task The_retained_state_of_an_alert_is_there_while_it_is_open_and_gone_once_it_is_cleared()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        var raised = await TransitionAsync(subscriber, "raised");
        using (var late = await site.SubscribeAsync())
        {
            await Eventually.HoldsAsync(() => late.Newest(Topic(raised)) is { Length: > 0 }, "the retained state of the open alert");
        }

        await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:01Z","v":0.5}"""]);
        Assert.Equal((raised.AlertId, 2), await TransitionAsync(subscriber, "cleared") is { } cleared ? (cleared.AlertId, cleared.Sequence) : default);
        await Eventually.HoldsAsync(() => subscriber.Newest(Topic(raised)) == "", "the retained state is emptied");
        using var later = await site.SubscribeAsync();
        await Eventually.HoldsAsync(() => later.Status.Length > 0, "the retained status");
        Assert.Null(later.Newest(Topic(raised)));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task What_is_open_for_a_sensor_that_the_settings_leave_out_between_two_runs_ends_with_the_next_start()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using (var first = site.Run())
        {
            await first.SaysAsync(Site.Connected);
            await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
            await TransitionAsync(subscriber, "raised");
            Assert.Equal(0, await first.StopAsync());
        }

        var settings = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(site.Configuration, TestContext.Current.CancellationToken))!;
        settings["sources"]!.AsObject().Remove("end");
        await File.WriteAllTextAsync(site.Configuration, settings.ToJsonString(), TestContext.Current.CancellationToken);
        using var gateway = site.Run();
        var cleared = await TransitionAsync(subscriber, "cleared");
        Assert.Equal(("end/v", 2), (cleared.Subject, cleared.Sequence));
        await Eventually.HoldsAsync(() => subscriber.Newest(Topic(cleared)) == "", "the retained state is emptied");
        Assert.Equal(0, await gateway.StopAsync());
    }

    private static string Topic(SeenTransition alert) => $"edgegateway/{Site.Gateway}/alerts/{alert.AlertId}";

    private static async Task<SeenTransition> TransitionAsync(Subscriber subscriber, string transition)
    {
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Transition == transition && t.Family == "limit"), transition);
        return subscriber.Transitions().First(t => t.Transition == transition && t.Family == "limit");
    }

    private static async Task<IReadOnlyList<SeenTransition>> AlertsAsync(int stops)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        var feed = site.PublishAsync(Feed);
        for (var stop = 0; stop < stops; stop++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal(0, await gateway.StopAsync());
            gateway.Dispose();
            gateway = site.Run();
            await gateway.SaysAsync(Site.Connected);
        }

        await feed;
        await site.EndAsync(gateway, subscriber);
        gateway.Dispose();
        Assert.Contains(subscriber.Transitions(), t => t.Family == "anomaly");
        return [.. subscriber.Transitions().OrderBy(t => t.AlertId, StringComparer.Ordinal).ThenBy(t => t.Sequence)];
    }
}
