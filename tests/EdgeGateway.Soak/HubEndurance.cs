using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Twin;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Soak;

/// <summary>
/// Whether the way to the hub stays as it is over many reconnects, token renewals and changes of the twin: settings right, every alert there once, memory and handles flat. The
/// real client, twin and outbox in this process, against the stand-in for IoT Hub and edgeHub, under a clock that runs fast.
/// </summary>
internal sealed class HubEndurance(TextWriter output, TimeProvider clock)
{
    private const string Module = "edgeGateway";
    private const int Haste = 40;
    private const int Reconnects = 2_000;
    private const int Renewals = 200;
    private const int Patches = 10_000;
    private const int AlertsPerReconnect = 4;

    /// <summary>Threads of the pool: else it makes and ends them as it likes, and with each come a stack and an arena of malloc that look like growth.</summary>
    private const int Threads = 8;
    private const string Manifest = """
        { "modulesContent": {
            "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "edgeGateway": { "type": "docker", "settings": { "image": "x" } } } } },
            "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": { "alerts": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream" } } } } }
        """;

    /// <summary>Bounds everything; on a quiet machine it takes a third of it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);

    /// <summary>After so many connections in a row that ended within 15 seconds the client thinks of a second one under its identity, and waits.</summary>
    private const int ShortInARow = 3;
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(16);

    private readonly FastClock fast = new(Haste);
    private readonly TwinChanges changes = new(new Random(2));
    private readonly Random random = new(3);
    private int patched;
    private int cuts;

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bounded.CancelAfter(Longest);
        ThreadPool.SetMaxThreads(Threads, Threads);
        await output.WriteLineAsync(Text($"{Environment.ProcessorCount} cores. {Reconnects:#,0} reconnects, {Renewals} renewals of the token and {Patches:#,0} changes of the twin, a third of them lost, repeated or swapped, while alerts are committed; the clock runs {Haste} times as fast."));
        await using var stand = await HubStand.StartAsync(new HubStandOptions { Manifest = Manifest, Modules = [Module], Clock = fast, ClockSkew = TimeSpan.Zero, TokenCheckInterval = TimeSpan.FromSeconds(5) });
        await using var module = new HubModule(stand, Module, fast);
        var feed = new AlertFeed(HubModule.Gateway, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var steady = await new Endurance(output, clock).RunAsync(Renewals, async rounds =>
        {
            for (var round = rounds.Start.Value; round < rounds.End.Value; round++)
            {
                await RoundAsync(stand, module, feed, round, bounded.Token);
            }

            await SettleAsync(stand, module, feed, bounded.Token);
        });
        steady &= await ReportAsync(stand, module, feed);
        await output.WriteLineAsync(steady ? "hub: all targets met" : "hub: NOT all targets met");
        return steady;
    }

    /// <summary>Ten reconnects, with faults, and one renewal.</summary>
    private async Task RoundAsync(HubStand stand, HubModule module, AlertFeed feed, int round, CancellationToken token)
    {
        var renewals = module.Renewals;
        for (var wanted = (round + 1) * (Reconnects / Renewals); module.Reconnects < wanted;)
        {
            await CutAsync(stand, module, feed, token);
            if (++cuts % ShortInARow == 0)
            {
                await Task.Delay(Stay, fast, token);
            }
        }

        await UntilAsync(module, () => module.Renewals > renewals, "the token is renewed", token);
        await PatchAsync(stand, (round + 1) * (Patches / Renewals), token);
        foreach (var message in stand.TakeTelemetry())
        {
            feed.Take(message);
        }
    }

    /// <summary>Cuts the connection while alerts and changes are on their way, and waits for the next one.</summary>
    private async Task CutAsync(HubStand stand, HubModule module, AlertFeed feed, CancellationToken token)
    {
        var connects = module.Connects;
        await AlertAsync(module, feed, token);
        await PatchAsync(stand, patched + 2, token);
        Befall(stand.Switches);
        if (random.Next(10) == 0)
        {
            stand.Switches.Down = true;
            await AlertAsync(module, feed, token);
            await PatchAsync(stand, patched + 1, token);
            stand.Switches.Down = false;
        }
        else
        {
            stand.DisconnectAll();
            await AlertAsync(module, feed, token);
            await PatchAsync(stand, patched + 1, token);
        }

        await UntilAsync(module, () => module.Connects > connects, "it connects", token);
        await PatchAsync(stand, patched + 1, token);
    }

    private void Befall(Switches switches)
    {
        switch (random.Next(60))
        {
            case 0 or 1 or 2:
                switches.LosePubAcks = 1;
                break;
            case 3:
                switches.LoseTwinAnswers = 1;
                break;
            case 4:
                (switches.FailTwinRequests, switches.TwinStatus) = (1, random.Next(2) == 0 ? 429 : 500);
                break;
            case 5 or 6 or 7:
                switches.RepeatTwinAnswers = 1;
                break;
            case 8:
                (switches.RefuseConnects, switches.RefuseCode) = (1, random.Next(2) == 0 ? 3 : 5);
                break;
        }
    }

    private static async Task AlertAsync(HubModule module, AlertFeed feed, CancellationToken token)
    {
        for (var i = 0; i < AlertsPerReconnect / 2; i++)
        {
            await module.AlertAsync(feed.Next(), token);
        }
    }

    private async Task PatchAsync(HubStand stand, int until, CancellationToken token)
    {
        while (patched < until)
        {
            token.ThrowIfCancellationRequested();
            changes.Befall(stand.Switches);
            stand.PatchDesired(stand.NameOf(Module), changes.Next());
            patched++;
            await Task.Yield();
        }
    }

    /// <summary>Lets everything come to rest after a last change that is not lost, and holds it against what the hub has.</summary>
    private async Task SettleAsync(HubStand stand, HubModule module, AlertFeed feed, CancellationToken token)
    {
        stand.Switches.SwapDesired = 0;
        var version = stand.PatchDesired(stand.NameOf(Module), changes.Whole());
        await UntilAsync(module, () => module.Version == version, Text($"version {version} is known (it is {module.Version})"), token);
        await UntilAsync(module, () => Difference(stand, module, version) is null, () => Difference(stand, module, version) ?? "", token);
        await UntilAsync(module, () => module.Committed == feed.Made && module.Pending == 0, () => Text($"all alerts are delivered; {module.Pending} wait"), token);
        foreach (var message in stand.TakeTelemetry())
        {
            feed.Take(message);
        }

        if (feed.Arrived != feed.Made || module.Dead > 0)
        {
            throw new SoakException(Text($"{feed.Made} transitions were committed, {feed.Arrived} reached the hub, {module.Dead} were given up."));
        }

        // so that what is measured is not in the middle of a reconnect
        var connects = module.Connects;
        stand.DisconnectAll();
        await UntilAsync(module, () => module.Connects > connects, "it connects", token);
        await Task.Delay(TimeSpan.FromSeconds(4), fast, token);
    }

    /// <summary>What of the settings is not as the hub wants it; null when nothing is.</summary>
    private static string? Difference(HubStand stand, HubModule module, long version)
    {
        var twin = stand.Twin(stand.NameOf(Module));
        var (desired, reported) = (TwinJson.Own(twin["desired"]!.AsObject()), twin["reported"]!.AsObject());
        var good = new JsonObject(module.Layers.Good.Select(g => KeyValuePair.Create<string, JsonNode?>(g.Key, g.Value.Value.DeepClone())));
        var kept = module.File.Read(out _);
        var limits = module.Applied?.Settings?.Sources.Length;
        return !JsonNode.DeepEquals(desired, good) ? $"wanted {desired.ToJsonString()}, in force {good.ToJsonString()}"
            : kept?.Version != version || !JsonNode.DeepEquals(kept.Desired, desired) ? "the file of the last good settings is another"
            : limits != desired["sources"]!.AsObject().Count || module.Applied?.Settings?.Detection.Threshold != (double)desired["detection"]!["threshold"]! ? "the settings applied are others"
            : (long?)reported["twin"]?["version"] != version || !desired.All(d => (int?)reported[d.Key]?["status"] == 200) ? $"reported is {reported.ToJsonString()}"
            : reported.Select(r => r.Key).Except(desired.Select(d => d.Key)).Except(["twin", "heartbeat", "$version"]).ToList() is { Count: > 0 } stale ? $"still reported: {string.Join(", ", stale)}"
            : null;
    }

    private async Task<bool> ReportAsync(HubStand stand, HubModule module, AlertFeed feed)
    {
        var counted = stand.Counters;
        await output.WriteLineAsync(Text($"""
            reconnects {module.Reconnects}, renewals {module.Renewals}, cut for an ended token {counted[HubEvent.ClosedTokenExpired]}, refused {counted[HubEvent.RefusedNotAuthorized] + counted[HubEvent.RefusedUnavailable]}
            changes of the twin {patched}: lost {counted[HubEvent.DesiredLost]}, repeated {changes.Repeated}, swapped {changes.Swapped}; whole twin read {counted[HubEvent.TwinRead]} times; reported {counted[HubEvent.ReportedUpdated]} times, refused {counted[HubEvent.ReportedRefused]}
            transitions committed {feed.Made}, at the hub {feed.Arrived}, in order, under one id each; sent again under the same id {feed.Repeats}, of these without PUBACK {counted[HubEvent.PubAckLost]}
            """));
        return module.Reconnects >= Reconnects && module.Renewals >= Renewals && patched >= Patches;
    }

    private static Task UntilAsync(HubModule module, Func<bool> condition, string what, CancellationToken token) => UntilAsync(module, condition, () => what, token);

    private static Task UntilAsync(HubModule module, Func<bool> condition, Func<string> what, CancellationToken token) => Eventually.HoldsAsync(
        () =>
        {
            module.ThrowIfEnded();
            return condition();
        },
        what, token, TimeSpan.FromMinutes(1));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
