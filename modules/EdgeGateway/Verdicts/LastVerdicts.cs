using System.Collections.Concurrent;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Windows;

namespace EdgeGateway.Verdicts;

/// <summary>The newest verdict of a sensor.</summary>
/// <param name="Prompt">What it was made from.</param>
/// <param name="History">Its last hours; null while nobody looks at them.</param>
/// <param name="Number">Of the verdicts of all sensors this is the how manieth, from 1: who has seen all up to one number asks for the later ones.</param>
internal readonly record struct LastVerdict(Prompt Prompt, Verdict Verdict, SensorHistory? History, long Number);

/// <summary>The newest verdict of each sensor with the prompt it was made from, for whoever asks why, and while the page is on its last hours and why they were judged so. Written on the judging thread, read by any.</summary>
internal sealed class LastVerdicts
{
    private readonly ConcurrentDictionary<string, LastVerdict> bySensor = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Sensor> known = new(StringComparer.Ordinal);
    private readonly RecentVerdicts recent = new();
    private long number;

    /// <summary>Whether the last hours of each sensor are kept, up to 10 KB each, and the recent verdicts; what was kept of a sensor goes with its next verdict.</summary>
    public bool KeepsHistory
    {
        get;
        set
        {
            field = value;
            if (!value)
            {
                recent.Clear();
            }
        }
    }

    /// <summary>Sensors that were known before the start, with a verdict since or without one.</summary>
    public IEnumerable<Sensor> Known => known.Select(s => s.Value);

    /// <summary>Number of the newest verdict: it and all before it can be found.</summary>
    public long Newest => Interlocked.Read(ref number);

    /// <summary>Remembers a verdict in place of the sensor's last one.</summary>
    public void Add(Prompt prompt, Verdict verdict)
    {
        var id = verdict.Window.Sensor.Id;
        var history = !KeepsHistory ? null : bySensor.TryGetValue(id, out var before) && before.History is { } kept ? kept : new SensorHistory();
        history?.Add(HistoryPoint.Of(verdict), number + 1);
        if (KeepsHistory)
        {
            recent.Add(prompt, verdict, number + 1);
        }

        // told once it is kept: who reads the number in between would never ask for it
        bySensor[id] = new LastVerdict(prompt, verdict, history, number + 1);
        Interlocked.Increment(ref number);
    }

    /// <summary>Takes the sensors of an earlier run.</summary>
    public void Know(IEnumerable<Sensor> sensors)
    {
        foreach (var sensor in sensors)
        {
            known[sensor.Id] = sensor;
        }
    }

    /// <summary>Forgets a sensor that is gone.</summary>
    public void Forget(Sensor sensor)
    {
        known.TryRemove(sensor.Id, out _);
        bySensor.TryRemove(sensor.Id, out _);
    }

    /// <summary>The newest verdict of each sensor that has one with a higher number than this.</summary>
    public IEnumerable<LastVerdict> After(long seen) => bySensor.Where(s => s.Value.Number > seen).Select(s => s.Value);

    /// <summary>The sensors whose newest window was too early to be judged, and the event time by which they have sent what is needed, should they go on as they do.</summary>
    /// <param name="samples">How many the model needs.</param>
    public IEnumerable<(string Sensor, DateTimeOffset Until)> Warming(int samples) => bySensor
        .Where(s => s.Value.Verdict.NotJudged == NotJudgedReason.Warming)
        .Select(s => (s.Key, Until(s.Value.Verdict.Window, samples)));

    private static DateTimeOffset Until(WindowSummary window, int samples) =>
        window.End + ((window.End - window.Start) / (WindowSummary.Length - 1) * Math.Max(samples - window.Samples, WindowSummary.Length - window.FreshSamples));

    /// <summary>The newest verdict of a sensor; false when it has none yet.</summary>
    public bool TryFind(string sensor, out LastVerdict last) => bySensor.TryGetValue(sensor, out last);

    /// <summary>A verdict of the last hours of a sensor whose window ended within a span of event time: the newest above its threshold, else the newest; null when none is remembered.</summary>
    /// <param name="after">Milliseconds since 1970, which the end is beyond.</param>
    /// <param name="until">Milliseconds since 1970, which it is not.</param>
    public (Prompt Prompt, Verdict Verdict)? Find(string sensor, long after, long until)
    {
        if (!bySensor.TryGetValue(sensor, out var last) || last.History is null)
        {
            return null;
        }

        var (first, earlier) = last.History.Reach();
        return recent.Find(sensor, first, Math.Max(after, earlier), until);
    }
}
