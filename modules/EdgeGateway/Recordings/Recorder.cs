using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Recordings;

/// <summary>
/// Keeps the samples around alerts, and now and then of an asset at which nothing is wrong, for whoever trains an adapter. Looks on in the Alerts stage, where every window passes with its
/// newest samples and every alert in its place between them; what is whole goes to <see cref="RecorderWorker"/>. Never waits and never fails: what is too much is counted as
/// <c>recorder.dropped</c>. Used by the Alerts stage alone.
/// </summary>
internal sealed class Recorder(StorageSettings settings, Accounting accounting, Random random)
{
    /// <summary>Samples that recordings which go on may come to hold in memory, all together: 32 MB. Beyond that those end that were touched the longest ago.</summary>
    private const int MostSamples = 2_000_000;

    /// <summary>Recordings of normal operation that go on: those of slow sensors take days.</summary>
    private const int MostNormal = 4;

    private static readonly TimeSpan NormalInterval = TimeSpan.FromMinutes(15);

    /// <summary>A recording whose sensors say nothing for this long ends.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly Dictionary<Sensor, RecentSamples> recent = [];
    private readonly Dictionary<string, OpenRecording> open = new(StringComparer.Ordinal);
    private readonly AlertSpans spans = new();
    private readonly Channel<Recording> whole = Channel.CreateBounded<Recording>(new BoundedChannelOptions(16) { SingleReader = true, SingleWriter = true });
    private long maxBytes = settings.RecorderBytes;
    private bool knowsOpen;
    private DateTimeOffset now;
    private DateTimeOffset? lastNormal;

    /// <summary>Recordings to be written.</summary>
    public ChannelReader<Recording> Whole => whole.Reader;

    /// <summary>Bytes that all recordings may take on disk; 0 = nothing is recorded.</summary>
    public long MaxBytes => Interlocked.Read(ref maxBytes);

    /// <summary>Sees an event of the Alerts stage after the stage has.</summary>
    /// <param name="transitions">What followed from it.</param>
    public void Take(StageEvent happened, IReadOnlyList<Alert> transitions, ConditionBook conditions)
    {
        if (!knowsOpen)
        {
            // those of the run before
            TakeAll(conditions.All.Select(c => c.Newest).OfType<Alert>().Where(a => a.Active), begins: false);
            knowsOpen = true;
        }

        TakeAll(transitions, begins: MaxBytes > 0);
        switch (happened)
        {
            case SettingsChanged changed:
                Use(changed.Settings.Storage.RecorderBytes);
                break;
            case SensorForgotten forgotten:
                Forget(forgotten.Sensor);
                break;
            case Verdict verdict when MaxBytes > 0:
                Add(verdict, conditions);
                break;
            case Tick tick:
                Pass(tick.Now);
                break;
        }
    }

    /// <summary>Nothing more comes: what goes on ends as it is.</summary>
    public void Complete()
    {
        foreach (var recording in open.Values.ToList())
        {
            End(recording);
        }

        whole.Writer.TryComplete();
    }

    private void Use(long bytes)
    {
        Interlocked.Exchange(ref maxBytes, bytes);
        if (bytes == 0)
        {
            recent.Clear();
            open.Clear();
        }
    }

    private void Forget(Sensor sensor)
    {
        recent.Remove(sensor);
        if (recent.Keys.All(s => s.Asset != sensor.Asset))
        {
            spans.Forget(sensor.Asset);
        }
    }

    private void TakeAll(IEnumerable<Alert> alerts, bool begins)
    {
        foreach (var alert in alerts.Where(a => a.Family is Family.Anomaly or Family.Limit))
        {
            var isNews = spans.Take(alert);
            if (begins && alert.Transition == Transition.Raised && !open.ContainsKey(alert.Asset))
            {
                Begin(alert.Asset, alert.Source);
            }

            if ((isNews || alert.Transition == Transition.Raised) && open.TryGetValue(alert.Asset, out var recording))
            {
                recording.Mark();
            }
        }
    }

    private void Begin(string asset, string source)
    {
        var recording = new OpenRecording(asset, source) { Touched = now };
        foreach (var (sensor, samples) in recent.Where(r => r.Key.Asset == asset))
        {
            recording.Add(sensor, samples.All());
        }

        if (recording.MostSize > MostSamples)
        {
            accounting.Of("recorder.dropped", reason: "large").Add();
            return;
        }

        while (open.Values.Sum(r => r.MostSize) + recording.MostSize > MostSamples)
        {
            End(open.Values.MinBy(r => r.Touched)!);
        }

        open.Add(asset, recording);
    }

    private void Add(Verdict verdict, ConditionBook conditions)
    {
        var (sensor, hop) = (verdict.Window.Sensor, verdict.Window.HopSamples);
        if (!recent.TryGetValue(sensor, out var samples))
        {
            samples = new RecentSamples();
            recent.Add(sensor, samples);
        }

        var isCalm = !verdict.Window.InMaintenance && !conditions.IsActive(sensor.Asset, Family.Anomaly) && !conditions.IsActive(sensor.Id, Family.Limit);
        samples.Add(hop, isCalm);
        if (!open.TryGetValue(sensor.Asset, out var recording))
        {
            return;
        }

        recording.Touched = now;
        if (!recording.HasAlerts && !isCalm)
        {
            // something is wrong that nobody was told of, or somebody works on it: it is not normal
            open.Remove(sensor.Asset);
            return;
        }

        if (!recording.Add(sensor, hop))
        {
            End(recording);
            return;
        }

        if (spans.IsOpen(sensor.Asset))
        {
            recording.Mark();
        }

        if (recording.IsWhole)
        {
            End(recording);
        }
    }

    private void Pass(DateTimeOffset time)
    {
        now = time;
        lastNormal ??= time;
        if (time - lastNormal < NormalInterval)
        {
            return;
        }

        lastNormal = time;
        foreach (var recording in open.Values.Where(r => time - r.Touched > LongestPause).ToList())
        {
            End(recording);
        }

        Sensor[] ready = open.Values.Count(r => !r.HasAlerts) >= MostNormal ? [] :
            [.. recent.GroupBy(r => r.Key.Asset).Where(a => !open.ContainsKey(a.Key) && a.All(r => r.Value.IsCalm) && a.Any(r => r.Value.IsFull)).Select(a => a.First().Key)];
        if (ready.Length > 0)
        {
            var chosen = ready[random.Next(ready.Length)];
            Begin(chosen.Asset, chosen.Source.Name);
        }
    }

    private void End(OpenRecording recording)
    {
        open.Remove(recording.Asset);
        var ended = recording.ToRecording(spans.Of(recording.Asset));
        if (!ended.Sensors.IsEmpty && !whole.Writer.TryWrite(ended))
        {
            accounting.Of("recorder.dropped", reason: "busy").Add();
        }
    }
}
