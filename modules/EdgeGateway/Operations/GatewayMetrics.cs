using EdgeGateway.Hub;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Prometheus;

namespace EdgeGateway.Operations;

/// <summary>The counters of the gateway in the text format of Prometheus, with the labels of IoT Edge's own modules: iothub, edge_device, instance_number.</summary>
internal sealed class GatewayMetrics(GatewayState state, HubIdentity? identity, Watchdog watchdog)
{
    /// <summary>Values of one label; sources and reasons beyond are counted as "other".</summary>
    public const int MostValues = 200;

    private const string Prefix = "edgegateway_";
    private readonly string instance = Guid.NewGuid().ToString();

    /// <summary>Writes all of them.</summary>
    public async Task WriteAsync(Stream to, CancellationToken token)
    {
        // a new registry each time: counters begin anew with the stages, which one that is kept would hide
        var registry = Metrics.NewCustomRegistry();
        registry.SetStaticLabels(new Dictionary<string, string> { ["iothub"] = identity?.Hub ?? "", ["edge_device"] = identity?.Device ?? "", ["instance_number"] = instance });
        var factory = Metrics.WithCustomRegistry(registry);
        DotNetStats.Register(registry);
        AddState(factory);
        AddCounters(factory, state.Accounting);
        if (state.Running is { } running)
        {
            AddCounters(factory, running.Accounting);
            AddSinks(factory, running.Store);
        }

        await registry.CollectAndExportAsTextAsync(to, token);
    }

    private void AddState(MetricFactory factory)
    {
        var running = state.Running;
        Set(factory, "info", "Which gateway this is, and what judges: 1", 1, ("version", GatewayCommands.Version), ("gateway", running?.Settings.Gateway ?? ""), ("model", running?.Model.Name ?? ""));
        Set(factory, "running", "Whether the stages run: 1, else 0", running is null ? 0 : 1);
        Set(factory, "hub_connected", "Whether there is a connection to the hub: 1, else 0", state.Hub is { Connected: true } ? 1 : 0);
        Set(factory, "disk_full", "Whether something waits for room on the disk: 1, else 0", running is { IsWaitingForDisk: true } ? 1 : 0);
        Set(factory, "hanging", "Whether a stage does not get on: 1, else 0", watchdog.Complaint.Length > 0 ? 1 : 0);
        Set(factory, "sensors_warming", "Sensors whose last window was too early to be judged", running?.Verdicts.Warming(running.Model.MinimumSamples).Count() ?? 0);
    }

    private static void AddCounters(MetricFactory factory, Accounting accounting)
    {
        var all = accounting.All().ToLookup(c => c.Name);
        foreach (var metric in MetricName.All)
        {
            foreach (var (source, reason, value) in Bounded(metric, all[metric.Counter]))
            {
                Add(factory, metric, value, [.. metric.BySource ? new[] { ("source", source) } : [], .. metric.Label.Length > 0 ? new[] { (metric.Label, reason) } : []]);
            }
        }
    }

    /// <summary>What a command is called stands where others have their source.</summary>
    private static IEnumerable<(string Source, string Reason, long Value)> Bounded(MetricName metric, IEnumerable<(string Name, string Source, string Reason, long Value)> counters) => counters
        .Select(c => (Source: metric.BySource ? c.Source : "", Reason: metric.Label == "command" ? c.Source : c.Reason, c.Value))
        .GroupBy(c => (c.Source, c.Reason))
        .Select((labels, index) => (Key: index < MostValues ? labels.Key : (Source: "other", Reason: "other"), Value: labels.Sum(c => c.Value)))
        .GroupBy(c => c.Key)
        .Select(c => (c.Key.Source, c.Key.Reason, c.Sum(v => v.Value)));

    private static void AddSinks(MetricFactory factory, GatewayStore store)
    {
        try
        {
            foreach (var backlog in store.Backlogs())
            {
                foreach (var (name, value) in GatewayCounters.OfSink(backlog.Tally, backlog))
                {
                    Add(factory, MetricName.OfSinks.First(m => m.Counter == name), value, [("sink", backlog.Sink)]);
                }
            }
        }
        catch (Exception e) when (e is StorageException or InvalidOperationException)
        {
            // the stages are just being let go, and their store with them
        }
    }

    private static void Add(MetricFactory factory, MetricName metric, long value, (string Name, string Value)[] labels)
    {
        if (metric.IsGauge)
        {
            Set(factory, metric.Name, metric.Help, value, labels);
        }
        else
        {
            factory.CreateCounter(Prefix + metric.Name, metric.Help, [.. labels.Select(l => l.Name)]).WithLabels([.. labels.Select(l => l.Value)]).Inc(value);
        }
    }

    private static void Set(MetricFactory factory, string name, string help, double value, params (string Name, string Value)[] labels) =>
        factory.CreateGauge(Prefix + name, help, [.. labels.Select(l => l.Name)]).WithLabels([.. labels.Select(l => l.Value)]).Inc(value);
}
