using System.Collections.Immutable;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Alerts;

/// <summary>The Alerts stage fed with conditions that begin and end, maintenance, a clock that is told, and operators.</summary>
internal sealed class AlarmBench
{
    private readonly AlertSettings settings;
    private readonly HashSet<Sensor> sensors = [];
    private readonly List<StageEvent> events = [];

    public AlarmBench(int maxPerHour = 60, TimeSpan realarm = default)
    {
        settings = new AlertSettings(TimeSpan.Zero, maxPerHour) { Realarm = realarm };
        Rules = NewRules();
        Maintenance = NewMaintenance();
    }

    /// <summary>The stage as it is now; another object after a restart.</summary>
    public AlertRules Rules { get; private set; }

    public Accounting Accounting { get; } = new();

    /// <summary>What the Windows stage knows of assets out of service; another object after a restart.</summary>
    public Maintenance Maintenance { get; private set; }

    /// <summary>The windows of the settings, in force from the next tick on.</summary>
    public ImmutableArray<MaintenanceWindow> Windows
    {
        get;
        set
        {
            field = value;
            Maintenance.Use(value);
        }
    } = [];

    /// <summary>All transitions, in order.</summary>
    public List<Alert> Transitions { get; } = [];

    /// <summary>Our clock.</summary>
    public DateTimeOffset Now { get; private set; } = Any.Noon;

    /// <summary>A sensor of an asset and a source, with a range from 0 to 1.</summary>
    public static Sensor Sensor(string id, string asset, string source = "pumps", Criticality criticality = Criticality.Normal) => Any.Sensor(id, asset, Any.Source() with
    {
        Name = source,
        Criticality = criticality,
        Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 1)),
    });

    public void Silent(Sensor sensor, bool silent = true) => Rules.Add(new SensorSilence(Seen(sensor), silent, Now, Now, TimeSpan.FromMinutes(1)), Transitions);

    public void Limit(Sensor sensor, bool outside = true) => Rules.Add(new LimitCrossing(Seen(sensor), outside, Now, 2), Transitions);

    /// <summary>Our clock and the plant's time move on by so much.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        Maintenance.Tick(Now, sensors, events);
        PassOn(Rules, Transitions);
        Rules.Add(new Tick(Now), Transitions);
    }

    /// <summary>A window of the asset at this time, judged as healthy.</summary>
    public void Healthy(Sensor sensor)
    {
        var verdict = Any.Verdict(Seen(sensor), 0, -3);
        Rules.Add(verdict with { Window = verdict.Window with { End = Now } }, Transitions);
    }

    public AlertCommandResult Command(AlertAction action, string alertId, TimeSpan? time = null, bool isLocal = false)
    {
        var command = new AlertCommand(action, alertId, "Ada", Now, Now + time, isLocal, new TaskCompletionSource<AlertCommandResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        Rules.Add(command, Transitions);
        return command.Result!;
    }

    /// <summary>Somebody takes an asset out of service for so long, or says that it is back.</summary>
    public MaintenanceResult Maintain(string asset, TimeSpan time)
    {
        var command = new MaintenanceCommand(asset, "Ada", Now, time, new TaskCompletionSource<MaintenanceResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        Maintenance.Apply(command, sensors, events);
        PassOn(Rules, Transitions);
        return command.Result!;
    }

    /// <summary>The transitions since the last call, as "subject family transition".</summary>
    public string[] Seen()
    {
        var seen = Transitions.Skip(seenBefore).Select(t => $"{t.Subject} {t.Family} {AlertJson.Name(t.Transition)}").ToArray();
        seenBefore = Transitions.Count;
        return seen;
    }

    private int seenBefore;

    /// <summary>Stops and starts again; alert states on disk are kept.</summary>
    /// <param name="snapshot">Path of the snapshot of the stages; null for a kill without one.</param>
    /// <param name="lost">So many of the newest transitions were not on disk yet.</param>
    public async Task RestartAsync(string? snapshot, int lost = 0)
    {
        Transitions.RemoveRange(Transitions.Count - lost, lost);
        seenBefore = Math.Min(seenBefore, Transitions.Count);
        var next = NewRules();
        if (snapshot is not null)
        {
            using var open = new OpenSnapshot(snapshot, new SnapshotHeader(0, Now));
            AlertsSnapshot.Write(Rules, open, "north-3");
            await open.CommitAsync();
            Assert.True(SnapshotReader.TryRead(snapshot, out _, (_, section) => AlertsSnapshot.Restore(next, section), out var reason), reason);
        }

        Alert[] disk = [.. Transitions.GroupBy(t => t.AlertId).Select(t => AlertJson.Read(AlertJson.Write(t.Last(), "north-3"))).OrderBy(t => t.Active)];
        Maintenance = NewMaintenance();
        Maintenance.Restore(next.LifeCycle.OutOfService.Told(disk));
        Maintenance.Recall(DateTimeOffset.MaxValue, events);
        var again = new List<Alert>();
        PassOn(next, again);
        Transitions.AddRange(again.Where(t => !(disk.FirstOrDefault(d => d.AlertId == t.AlertId)?.Sequence >= t.Sequence)));
        Array.ForEach([.. Transitions.GroupBy(t => t.AlertId).Select(t => t.Last()).OrderBy(t => t.Active)], next.LifeCycle.Conditions.Adopt);
        next.LifeCycle.Resume();
        Rules = next;
    }

    private Sensor Seen(Sensor sensor)
    {
        sensors.Add(sensor);
        return sensor;
    }

    private void PassOn(AlertRules rules, List<Alert> transitions)
    {
        events.ForEach(happened => rules.Add(happened, transitions));
        events.Clear();
    }

    private Maintenance NewMaintenance()
    {
        var maintenance = new Maintenance(_ => { });
        maintenance.Use(Windows);
        return maintenance;
    }

    private AlertRules NewRules() => new(new AlertContent("north-3", Any.SensorModel()), DetectionSettings.Default, settings, Accounting);
}
