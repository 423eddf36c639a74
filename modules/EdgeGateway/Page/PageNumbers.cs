using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Operations;

namespace EdgeGateway.Page;

/// <summary>Health and the numbers that matter. Asked about once a second, by one thread at a time.</summary>
internal sealed class PageNumbers(TimeProvider clock)
{
    /// <summary>The one that stays on the site, as in the report.</summary>
    private const string LocalSink = "mqtt";

    private static readonly TimeSpan RateTime = TimeSpan.FromSeconds(3);
    private (object? Of, long At, long Taken, long NoModel, long Judged) before;
    private double perSecond;
    private bool noModel;

    /// <summary>Both, with the names that everything else hangs on.</summary>
    /// <param name="open">The newest alerts that are open.</param>
    /// <param name="openAlerts">How many are open in all.</param>
    public JsonObject Overview(GatewayState state, RunningGateway? running, ImmutableArray<Alert> open, long openAlerts)
    {
        var overview = new JsonObject
        {
            ["version"] = GatewayCommands.Version,
            ["gateway"] = running?.Settings.Gateway,
            ["time"] = clock.GetUtcNow().UtcDateTime,
            ["since"] = running?.Since.UtcDateTime,
            ["mode"] = running?.Settings.Alerts.ModeName,
        };
        if (running is not null)
        {
            Measure(running);
            overview["numbers"] = Numbers(running, openAlerts);
            overview["adapters"] = new JsonObject(running.Settings.Sources.Where(s => s.Adapter is not null).Select(s => KeyValuePair.Create(s.Name, (JsonNode?)s.Adapter)));
        }

        overview["health"] = new JsonArray([.. Health(state, running, open)]);
        return overview;
    }

    private void Measure(RunningGateway running)
    {
        var (taken, unjudged, judged) = (running.Accounting.Total("taken"), running.Accounting.Of("windows.not_judged", reason: "noModel").Value, running.Accounting.Total("windows.judged"));
        if (!ReferenceEquals(before.Of, running.Accounting))
        {
            (before, perSecond, noModel) = ((running.Accounting, clock.GetTimestamp(), taken, unjudged, judged), 0, unjudged > judged);
        }
        else if (clock.GetElapsedTime(before.At) is var passed && passed >= RateTime)
        {
            perSecond = (taken - before.Taken) / passed.TotalSeconds;

            // between two windows of slow sensors it is as it was with the last
            noModel = unjudged > before.NoModel || (noModel && judged == before.Judged);
            before = (running.Accounting, clock.GetTimestamp(), taken, unjudged, judged);
        }
    }

    private JsonObject Numbers(RunningGateway running, long openAlerts)
    {
        var all = running.Accounting;
        return new JsonObject
        {
            ["sensors"] = all.Total("sensors"),
            ["readingsPerSecond"] = Math.Round(perSecond, 1),
            ["readings"] = all.Total("taken"),
            ["windowsJudged"] = all.Total("windows.judged"),
            ["windowsClosed"] = all.Total("windows.closed"),
            ["openAlerts"] = openAlerts,
            ["bytesReceived"] = all.Total("bytes.received"),
            ["bytesSentUp"] = all.Total("bytes.delivered") - all.Of("bytes.delivered", reason: LocalSink).Value,
        };
    }

    /// <summary>A part, whether it is well, and a sentence.</summary>
    private IEnumerable<JsonNode> Health(GatewayState state, RunningGateway? running, ImmutableArray<Alert> open)
    {
        string? Own(string kind) => open.FirstOrDefault(a => a.Family == Family.Own && a.Kind == kind)?.Text;
        if (running is null)
        {
            yield return Part("stages", false, GatewayState.NotRunning);
            yield break;
        }

        if (running.Settings.Broker is { } broker)
        {
            yield return Part("broker", Own("broker") is null, Own("broker") ?? $"{broker.Host}:{broker.Port}");
        }

        if (state.Hub is { } hub)
        {
            yield return Part("hub", hub.Connected, hub.Connected ? $"Connected since {hub.Since:u}." : $"Not connected since {hub.Since:u}: {hub.Cause}");
        }

        yield return Part("model", !noModel, noModel ? "There is no model: plain statistics decide." : running.Model.Name);
        yield return Part("disk", !running.IsWaitingForDisk && Own("disk") is null, running.IsWaitingForDisk ? "The disk is full: something waits for room." : Own("disk") ?? "There is room.");
        yield return Part("clock", Own("clock") is null, Own("clock") ?? "It shows a possible time.");
    }

    private static JsonObject Part(string name, bool isWell, string text) => new() { ["name"] = name, ["ok"] = isWell, ["text"] = text };
}
