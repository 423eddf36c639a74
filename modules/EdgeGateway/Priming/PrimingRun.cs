using EdgeGateway.Ingest;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Windows;

namespace EdgeGateway.Priming;

/// <summary>
/// Fills the baselines of sensors from recorded files, through the Windows stage and nothing behind it: history is not judged and makes no alerts. What the data folder holds
/// stays, byte for byte, and the primed sensors come behind it in the same snapshot.
/// </summary>
internal sealed class PrimingRun
{
    private readonly TimeProvider clock;
    private readonly ClockState time;
    private readonly SensorRegistry registry;
    private readonly IngestState ingest;
    private readonly Windower windower = new();
    private readonly ColumnSensors columns;
    private readonly SnapshotHeader header;
    private readonly string snapshot;
    private readonly List<StageEvent> windows = [];
    private readonly List<string> leftOut = [];

    /// <param name="snapshot">Path of the snapshot of all sensors; there may be none.</param>
    /// <param name="release">The earliest time that our clock can show.</param>
    /// <exception cref="IOException">There is a snapshot, and it cannot be used.</exception>
    public PrimingRun(GatewaySettings settings, string snapshot, DateTimeOffset release, TimeProvider clock)
    {
        (this.clock, this.snapshot, time) = (clock, snapshot, new ClockState(clock, release));
        var known = new HashSet<string>(StringComparer.Ordinal);
        var read = SnapshotReader.TryRead(snapshot, out var found, (name, _) => known.UnionWith(WindowsSnapshot.SensorOf(name) is { } id ? [id] : []), out var reason);
        header = read || !File.Exists(snapshot) ? found ?? SnapshotHeader.NeverObserved : throw new IOException($"{snapshot} cannot be used ({reason}); start the gateway once, which puts it aside");
        var bounds = settings.Bounds with { Sensors = Math.Max(0, settings.Bounds.Sensors - known.Count) };
        registry = new SensorRegistry(settings with { Bounds = bounds });
        ingest = IngestState.Create(settings, registry, time, new Accounting(), rejected: null);
        columns = new ColumnSensors(settings, registry, known);
    }

    /// <summary>The columns that were left out, a sentence each.</summary>
    public IReadOnlyList<string> LeftOut => leftOut;

    /// <summary>What sensor ids look like under the settings, a line for each source.</summary>
    public IEnumerable<string> Forms => columns.Forms();

    /// <summary>Takes a file; of several that hold one sensor the older one first.</summary>
    /// <param name="asset">The asset whose values its columns are; null where they are sensor ids.</param>
    /// <param name="advanced">Told how many more bytes have been read, now and then.</param>
    /// <exception cref="FormatException">A line cannot be used; the message names file and line.</exception>
    public void Take(string path, string? asset, Action<long> advanced, CancellationToken token)
    {
        IReadOnlyList<(string Column, Sensor Sensor)> wanted;
        using (var all = RecordedSeries.Open(path, wanted: null))
        {
            wanted = [.. all.Columns.Select(column => (column, Find(path, column, asset)!)).Where(c => c.Item2 is not null)];
        }

        using var series = RecordedSeries.Open(path, [.. wanted.Select(w => w.Column)]);
        var (before, line) = (wanted.Select(w => w.Sensor.Order.Newest).Max() ?? DateTimeOffset.MinValue, 2);
        foreach (var row in wanted.Count == 0 ? [] : series.Rows(advanced))
        {
            token.ThrowIfCancellationRequested();
            Check(row.Time, before, $"{path}, line {line++}");
            before = row.Time;
            for (var i = 0; i < wanted.Count; i++)
            {
                Take(wanted[i].Sensor, row.Time, row.Values[i]);
            }

            windows.Clear();
        }
    }

    /// <summary>Ends the history: what is left are the sensors that it said something of.</summary>
    /// <param name="needed">Samples that a model needs.</param>
    public IReadOnlyList<PrimedSensor> Finish(int needed)
    {
        var now = clock.GetUtcNow();
        var states = windower.States.ToDictionary(state => state.Sensor);
        foreach (var unused in registry.Sensors.Where(sensor => !states.ContainsKey(sensor)).ToList())
        {
            registry.Forget(unused);
            leftOut.Add($"{unused.Id}: it has no number in any line.");
        }

        foreach (var state in states.Values)
        {
            state.Sensor.LastReceived = now;
            state.EndHistory(now);
        }

        return [.. states.Values.Select(s => new PrimedSensor(s.Sensor.Id, s.Samples, s.LastSample, Math.Max(0, needed - s.Samples))).OrderBy(s => s.Id, StringComparer.Ordinal)];
    }

    /// <summary>Writes the sensors behind those that the snapshot has; it stays as it was until all is on disk.</summary>
    /// <exception cref="StorageException">It could not be written; the one before is in force.</exception>
    public async Task WriteAsync()
    {
        using var open = new OpenSnapshot(snapshot, header);
        SnapshotReader.TryRead(snapshot, out _, (name, section) => open.Append(name, section), out _);
        ingest.WriteTo(open);
        WindowsSnapshot.Write(windower, open);
        await open.CommitAsync();
    }

    private Sensor? Find(string path, string column, string? asset)
    {
        var sensor = columns.Find(asset is null ? column : $"{asset}/{column}", out var reason);
        if (sensor is null)
        {
            leftOut.Add($"{path}, column {column}: {reason}.");
        }

        return sensor;
    }

    private void Check(DateTimeOffset at, DateTimeOffset before, string place)
    {
        if (at < before)
        {
            throw new FormatException($"{place}: the time {at:u} goes back behind {before:u}, up to which there are samples already; sort the lines by time, and name the older of several files first.");
        }

        var now = clock.GetUtcNow();
        if (time.Judge(at, now) is { } reason)
        {
            throw new FormatException($"{place}: the time {at:u} {(reason == RejectReason.Future ? $"is ahead of this machine's clock, {now:u}" : "is before the year 2000")}, so that no reading could come after it; set right what is wrong of the two.");
        }
    }

    /// <summary>A cell without a number is no reading: files of several sensors have them where others sent something.</summary>
    private void Take(Sensor sensor, DateTimeOffset at, double value)
    {
        if (double.IsFinite(value) && !sensor.Source.Invalid.Contains(value) && sensor.Order.Add(at) == OrderVerdict.Next)
        {
            windower.Add(new SensorReading(sensor, at, value, at, ClockStep: false, LastOfMessage: true), windows);
        }
    }
}
