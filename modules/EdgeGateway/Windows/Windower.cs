using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Windows;

/// <summary>
/// Readings -> window summaries: every tenth sample of a sensor closes a window of 60. Also notices silence and range crossings. Depends on nothing but its
/// input: the same readings and ticks give the same events. Used by the Windows stage alone.
/// </summary>
internal sealed class Windower
{
    /// <summary>A gap of the sampling grid longer than this is not filled: the baseline would only learn the held value.</summary>
    private const int LongestFill = 1440;

    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(60);

    /// <summary>How long after readings arrive again no value holds by time alone: what the broker kept for us comes first.</summary>
    private static readonly TimeSpan BacklogTime = TimeSpan.FromSeconds(60);

    private readonly Dictionary<Sensor, SensorState> states = [];
    private readonly double[] raw = new double[SensorFields.Count];
    private HashSet<string> silentBefore = [];
    private HashSet<string> outsideBefore = [];
    private DateTimeOffset? observedSince;
    private DateTimeOffset? inputsObservedSince;

    public Windower() => Maintenance = new Maintenance(BeginAnew);

    /// <summary>Which assets are out of service.</summary>
    public Maintenance Maintenance { get; }

    /// <summary>Sensors that have a state.</summary>
    public int Sensors => states.Count;

    /// <summary>Readings arrive from this moment on: silence counts from here at the earliest. After a lossy outage no value holds over it.</summary>
    /// <param name="ofInputs">Those of hub inputs; else those of the broker.</param>
    public void Observe(DateTimeOffset at, bool lossy = false, bool ofInputs = false)
    {
        SetObserved(at, ofInputs);
        foreach (var state in states.Values.Where(s => IsOfInput(s) == ofInputs))
        {
            // our clock may have been set back meanwhile
            state.LastReceived = state.LastReceived < at ? state.LastReceived : at;
            state.NextGrid = lossy ? 0 : state.NextGrid;
        }
    }

    /// <summary>Readings do not arrive: nobody is silent meanwhile.</summary>
    public void Unobserve(bool ofInputs = false) => SetObserved(null, ofInputs);

    /// <summary>Takes one reading and appends what follows from it. All readings of one message go to one list, emptied between messages.</summary>
    public void Add(in SensorReading reading, List<StageEvent> output)
    {
        if (!states.TryGetValue(reading.Sensor, out var state))
        {
            state = New(reading.Sensor);
        }

        state.LastReceived = reading.ReceivedAt;
        EndSilence(state, reading.Time, output);
        CheckRange(state, reading, output);
        if (reading.ClockStep)
        {
            state.StepClock();
        }

        if (reading.Sensor.Source.Sample is { } step)
        {
            Resample(state, step.Ticks, reading, output);
        }
        else
        {
            Push(state, reading.Time, reading.Value, completes: false, output);
        }

        if (reading.LastOfMessage && output.FindLastIndex(e => e is WindowSummary) is var last && last >= 0)
        {
            output[last] = (WindowSummary)output[last] with { CompletesAsset = true };
        }
    }

    /// <summary>Assets go out of service and come back, by our clock.</summary>
    public void Maintain(DateTimeOffset now, List<StageEvent> output) => Maintenance.Tick(now, states.Keys, output);

    /// <summary>Carries out a command about an asset.</summary>
    public void Maintain(MaintenanceCommand command, List<StageEvent> output) => Maintenance.Apply(command, states.Keys, output);

    /// <summary>Time passes without a reading: samples of the grid, silence, forgetting. <paramref name="now"/> is compared with the times of arrival.</summary>
    public void Tick(DateTimeOffset now, List<StageEvent> output)
    {
        foreach (var state in states.Values)
        {
            if (state.Sensor.Source.Sample is { } step && state.NextGrid > 0 && now - ObservedSince(state) >= BacklogTime)
            {
                FillGrid(state, step.Ticks, now.UtcTicks, completes: true, output);
                HoldLimit(state, now, output);
            }

            CheckSilence(state, now, output);
        }
    }

    /// <summary>Drops what is known of a sensor.</summary>
    public void Forget(Sensor sensor, DateTimeOffset at, List<StageEvent> output)
    {
        states.Remove(sensor);
        if (Maintenance.IsOutOfService(sensor.Asset) && !states.Keys.Any(s => s.Asset == sensor.Asset))
        {
            Maintenance.Forget(sensor.Asset, at, output);
        }
    }

    /// <summary>After a restart: the sensors whose alerts of silence or range are open. Alerts on disk win over what an older snapshot says of them.</summary>
    public void Resume(HashSet<string> silent, HashSet<string> outside)
    {
        (silentBefore, outsideBefore) = (silent, outside);
        foreach (var state in states.Values)
        {
            state.Silent = silent.Remove(state.Sensor.Id);
            state.Limit.Resume(outside.Remove(state.Sensor.Id));
        }
    }

    /// <summary>The newest samples of a sensor; null when there is no such sensor.</summary>
    public CapturedWindow? Capture(string sensorId) => states.Values.FirstOrDefault(s => s.Sensor.Id == sensorId) is { } state ? new CapturedWindow(state.Sensor, state.NewestSamples(WindowSummary.Length)) : null;

    /// <summary>State of every sensor, for a snapshot.</summary>
    internal IEnumerable<SensorState> States => states.Values;

    /// <summary>Puts back a sensor of a snapshot.</summary>
    internal void Restore(SensorState state) => states[state.Sensor] = state;

    /// <summary>After work on an asset its sensors may have another normal, which is learned from now on; what the work itself looked like is forgotten with the past.</summary>
    private void BeginAnew(string asset)
    {
        foreach (var state in states.Values.Where(s => s.Sensor.Asset == asset))
        {
            state.BeginAnew();
        }
    }

    private void SetObserved(DateTimeOffset? since, bool ofInputs) =>
        (observedSince, inputsObservedSince) = ofInputs ? (observedSince, since) : (since, inputsObservedSince);

    private DateTimeOffset? ObservedSince(SensorState state) => IsOfInput(state) ? inputsObservedSince : observedSince;

    private static bool IsOfInput(SensorState state) => state.Sensor.Source.Input is not null;

    private SensorState New(Sensor sensor)
    {
        var state = new SensorState(sensor) { Silent = silentBefore.Remove(sensor.Id) };
        state.Limit.Resume(outsideBefore.Remove(sensor.Id));
        states.Add(sensor, state);
        return state;
    }

    private void Push(SensorState state, DateTimeOffset time, double value, bool completes, List<StageEvent> output)
    {
        if (state.Push(time, value, raw))
        {
            var evidence = state.Fields.Evidence();
            output.Add(new WindowSummary(
                state.Sensor, state.WindowStart, time, state.Samples, [.. raw], Gate.Score(raw), evidence, Sparkline.Of(state.Fields), completes, state.FreshSamples)
            {
                HopSamples = state.NewestSamples(SensorFields.Hop),
                InMaintenance = Maintenance.IsOutOfService(state.Sensor.Asset),
            });
        }
    }

    private void Resample(SensorState state, long step, in SensorReading reading, List<StageEvent> output)
    {
        var time = reading.Time.UtcTicks;
        if (state.NextGrid == 0 || reading.ClockStep)
        {
            state.NextGrid = (time + step - 1) / step * step;
        }

        FillGrid(state, step, time - 1, completes: false, output);
        state.Held = reading.Value;
    }

    private void FillGrid(SensorState state, long step, long through, bool completes, List<StageEvent> output)
    {
        if ((through - state.NextGrid) / step > LongestFill)
        {
            state.NextGrid = (through + step - 1) / step * step;
        }

        for (; state.NextGrid <= through; state.NextGrid += step)
        {
            Push(state, new DateTimeOffset(state.NextGrid, TimeSpan.Zero), state.Held, completes, output);
        }
    }

    private static void EndSilence(SensorState state, DateTimeOffset time, List<StageEvent> output)
    {
        if (state.Silent)
        {
            state.Silent = false;
            output.Add(new SensorSilence(state.Sensor, false, time, state.LastSample, SilenceTime(state) ?? TimeSpan.Zero));
        }
    }

    private void CheckSilence(SensorState state, DateTimeOffset now, List<StageEvent> output)
    {
        if (state.Silent || ObservedSince(state) is not { } since || SilenceTime(state) is not { } limit)
        {
            return;
        }

        if (now - (state.LastReceived > since ? state.LastReceived : since) > limit)
        {
            state.Silent = true;
            output.Add(new SensorSilence(state.Sensor, true, state.LastSample + limit, state.LastSample, limit));
        }
    }

    /// <summary>Null when the sensor may be quiet for any time: it reports on change, or its usual interval is not known yet.</summary>
    private static TimeSpan? SilenceTime(SensorState state)
    {
        var source = state.Sensor.Source;
        var learned = 10 * state.Step.Step;
        TimeSpan? limit = source.Sample is not null || learned == TimeSpan.Zero ? null : learned > ShortestSilence ? learned : ShortestSilence;
        return (source.SilentAfter ?? limit) + source.Lateness;
    }

    private static void CheckRange(SensorState state, in SensorReading reading, List<StageEvent> output)
    {
        HoldLimit(state, reading.Time, output);
        if (state.Limit.Add(reading, state.Limit.IsPending ? SilenceTime(state) : null) is { } crossing)
        {
            output.Add(crossing);
        }
    }

    /// <summary>Of a sensor that reports on change the last value holds, and its delay may be over without a reading.</summary>
    private static void HoldLimit(SensorState state, DateTimeOffset until, List<StageEvent> output)
    {
        if (state.Limit.IsPending && state.NextGrid > 0 && !double.IsNaN(state.Held) && state.Limit.Hold(state.Sensor, until) is { } crossing)
        {
            output.Add(crossing);
        }
    }
}
