using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>The newest verdicts of all sensors with the prompts they were made from, and for longer those above their threshold, for whoever asks why a window of the past was judged so. 5 MB at most. Thread-safe.</summary>
internal sealed class RecentVerdicts
{
    /// <summary>Verdicts of whatever kind.</summary>
    public const int Most = 4096;

    /// <summary>Verdicts above their threshold.</summary>
    public const int MostAnomalous = 1024;

    private readonly Lock gate = new();
    private readonly Queue<(Prompt Prompt, Verdict Verdict)> newest = new();
    private readonly Queue<(Prompt Prompt, Verdict Verdict)> anomalous = new();

    /// <summary>Remembers a verdict in place of the oldest.</summary>
    public void Add(Prompt prompt, Verdict verdict)
    {
        lock (gate)
        {
            Add_NeedsLock(newest, Most, prompt, verdict);
            if (verdict.Anomalous)
            {
                Add_NeedsLock(anomalous, MostAnomalous, prompt, verdict);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            newest.Clear();
            anomalous.Clear();
        }
    }

    /// <summary>The window of a sensor that ended within a span of event time: the newest that was above its threshold, else the newest; null when none is remembered.</summary>
    /// <param name="after">Milliseconds since 1970, which the end is beyond.</param>
    /// <param name="until">Milliseconds since 1970, which it is not.</param>
    public (Prompt Prompt, Verdict Verdict)? Find(string sensor, long after, long until)
    {
        lock (gate)
        {
            return Find_NeedsLock(anomalous, sensor, after, until) ?? Find_NeedsLock(newest, sensor, after, until);
        }
    }

    private static void Add_NeedsLock(Queue<(Prompt Prompt, Verdict Verdict)> kept, int most, Prompt prompt, Verdict verdict)
    {
        if (kept.Count == most)
        {
            kept.Dequeue();
        }

        kept.Enqueue((prompt, verdict));
    }

    private static (Prompt Prompt, Verdict Verdict)? Find_NeedsLock(Queue<(Prompt Prompt, Verdict Verdict)> kept, string sensor, long after, long until)
    {
        (Prompt Prompt, Verdict Verdict)? found = null;
        foreach (var one in kept)
        {
            var window = one.Verdict.Window;
            if (window.Sensor.Id == sensor && window.End.ToUnixTimeMilliseconds() is var end && end > after && end <= until)
            {
                found = one;
            }
        }

        return found;
    }
}
