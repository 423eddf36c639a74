using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Recordings;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Recordings;

/// <summary>The Alerts stage with a recorder that looks on. Every sensor sends a sample a second, whose value is its number.</summary>
internal sealed class RecorderBench
{
    private readonly AlertRules rules;
    private readonly Dictionary<Sensor, int> samples = [];
    private readonly List<Alert> transitions = [];

    public RecorderBench(long maxBytes = 256_000_000)
    {
        rules = new AlertRules(new AlertContent("north-3", Any.SensorModel()), DetectionSettings.Default, new AlertSettings(TimeSpan.Zero, MaxPerHour: 0), Accounting);
        Recorder = new Recorder(new StorageSettings(1) { RecorderBytes = maxBytes }, Accounting, new Random(1));
    }

    public Accounting Accounting { get; } = new();

    public Recorder Recorder { get; }

    /// <summary>All transitions so far.</summary>
    public List<Alert> Seen { get; } = [];

    /// <summary>Our clock.</summary>
    public DateTimeOffset Now { get; private set; } = Any.Noon;

    /// <summary>Event time of the sample of this number.</summary>
    public static DateTimeOffset TimeOf(int sample) => Any.Noon.AddSeconds(sample);

    /// <summary>So many windows of each sensor, in turn.</summary>
    public void Hops(int count, bool isWrong, params Sensor[] of) => Hops(count, isWrong, inMaintenance: false, of);

    /// <summary>The same of assets that may be out of service.</summary>
    public void Hops(int count, bool isWrong, bool inMaintenance, params Sensor[] of)
    {
        for (var hop = 0; hop < count; hop++)
        {
            foreach (var sensor in of)
            {
                var first = samples.GetValueOrDefault(sensor);
                samples[sensor] = first + 10;
                var verdict = Any.Verdict(sensor, 0, isWrong ? 5 : -5);
                Take(verdict with
                {
                    Window = verdict.Window with
                    {
                        Start = TimeOf(first - 50),
                        End = TimeOf(first + 9),
                        InMaintenance = inMaintenance,
                        HopSamples = [.. Enumerable.Range(first, 10).Select(i => new SensorSample(TimeOf(i).UtcTicks, i))],
                    },
                });
            }
        }
    }

    /// <summary>The next samples of the sensor begin with this number: its clock was set.</summary>
    public void SetClock(Sensor sensor, int sample) => samples[sensor] = sample;

    /// <summary>The sensor leaves its range, or comes back, at the sample of this number.</summary>
    public void Limit(Sensor sensor, bool outside, int sample) => Take(new LimitCrossing(sensor, outside, TimeOf(sample), 2));

    /// <summary>The same at its newest sample.</summary>
    public void Limit(Sensor sensor, bool outside) => Limit(sensor, outside, Math.Max(0, samples.GetValueOrDefault(sensor) - 1));

    /// <summary>Number of the sensor's next sample.</summary>
    public int NextSample(Sensor sensor) => samples.GetValueOrDefault(sensor);

    /// <summary>Our clock moves on.</summary>
    public void Pass(TimeSpan time) => Take(new Tick(Now += time));

    public void Take(StageEvent happened)
    {
        transitions.Clear();
        rules.Add(happened, transitions);
        Recorder.Take(happened, transitions, rules.LifeCycle.Conditions);
        Seen.AddRange(transitions);
    }

    /// <summary>What is whole since the last call.</summary>
    public List<Recording> Whole()
    {
        var whole = new List<Recording>();
        while (Recorder.Whole.TryRead(out var recording))
        {
            whole.Add(recording);
        }

        return whole;
    }
}
