using System.Collections.Concurrent;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Windows;

namespace EdgeGateway.Verdicts;

/// <summary>The newest verdict of each sensor with the prompt it was made from, for whoever asks why. Written on the judging thread, read by any.</summary>
internal sealed class LastVerdicts
{
    private readonly ConcurrentDictionary<string, (Prompt Prompt, Verdict Verdict)> bySensor = new(StringComparer.Ordinal);

    /// <summary>Remembers a verdict in place of the sensor's last one.</summary>
    public void Add(Prompt prompt, Verdict verdict) => bySensor[verdict.Window.Sensor.Id] = (prompt, verdict);

    /// <summary>Forgets a sensor that is gone.</summary>
    public void Forget(Sensor sensor) => bySensor.TryRemove(sensor.Id, out _);

    /// <summary>The sensors whose newest window was too early to be judged, and the event time by which they have sent what is needed, should they go on as they do.</summary>
    /// <param name="samples">How many the model needs.</param>
    public IEnumerable<(string Sensor, DateTimeOffset Until)> Warming(int samples) => bySensor
        .Where(s => s.Value.Verdict.NotJudged == NotJudgedReason.Warming)
        .Select(s => (s.Key, Until(s.Value.Verdict.Window, samples)));

    private static DateTimeOffset Until(WindowSummary window, int samples) =>
        window.End + ((window.End - window.Start) / (WindowSummary.Length - 1) * Math.Max(samples - window.Samples, WindowSummary.Length - window.FreshSamples));

    /// <summary>The newest verdict of a sensor; false when it has none yet.</summary>
    public bool TryFind(string sensor, out (Prompt Prompt, Verdict Verdict) last) => bySensor.TryGetValue(sensor, out last);
}
