using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>The newest verdicts of all sensors with the prompts they were made from, and for longer those above their threshold, for whoever asks why a window of the past was judged so. 5 MB at most. Thread-safe.</summary>
internal sealed class RecentVerdicts
{
    /// <summary>Verdicts of whatever kind.</summary>
    public const int Most = 4096;

    /// <summary>Verdicts above their threshold.</summary>
    public const int MostAnomalous = 1024;

    private readonly record struct Numbered(Prompt Prompt, Verdict Verdict, long Number);

    private readonly Lock gate = new();
    private readonly Queue<Numbered> newest = new();
    private readonly Queue<Numbered> anomalous = new();

    /// <summary>Remembers a verdict in place of the oldest.</summary>
    /// <param name="number">Higher than that of the one before.</param>
    public void Add(Prompt prompt, Verdict verdict, long number)
    {
        lock (gate)
        {
            Add_NeedsLock(newest, Most, new Numbered(prompt, verdict, number));
            if (verdict.Anomalous)
            {
                Add_NeedsLock(anomalous, MostAnomalous, new Numbered(prompt, verdict, number));
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
    /// <param name="first">Number of the first verdict that counts: those before are of another time line of the sensor.</param>
    /// <param name="after">Milliseconds since 1970, which the end is beyond.</param>
    /// <param name="until">Milliseconds since 1970, which it is not.</param>
    public (Prompt Prompt, Verdict Verdict)? Find(string sensor, long first, long after, long until)
    {
        lock (gate)
        {
            return Find_NeedsLock(anomalous, sensor, first, after, until) ?? Find_NeedsLock(newest, sensor, first, after, until);
        }
    }

    private static void Add_NeedsLock(Queue<Numbered> kept, int most, Numbered verdict)
    {
        if (kept.Count == most)
        {
            kept.Dequeue();
        }

        kept.Enqueue(verdict);
    }

    private static (Prompt Prompt, Verdict Verdict)? Find_NeedsLock(Queue<Numbered> kept, string sensor, long first, long after, long until)
    {
        (Prompt Prompt, Verdict Verdict)? found = null;
        foreach (var one in kept)
        {
            var window = one.Verdict.Window;
            if (one.Number >= first && window.Sensor.Id == sensor && window.End.ToUnixTimeMilliseconds() is var end && end > after && end <= until)
            {
                found = (one.Prompt, one.Verdict);
            }
        }

        return found;
    }
}
