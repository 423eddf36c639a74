using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>
/// Chooses which windows of a batch the model judges: the ones with the highest gate scores, and at least every sixth window of each sensor. At 100 % all. Of a batch
/// so small that its share is less than one window, the best is judged when it stands out among the best of the batches before.
/// </summary>
internal sealed class JudgingBudget
{
    /// <summary>A sensor is judged at least once in so many of its windows.</summary>
    public const int MinimumShare = 6;

    private const int RememberedBatches = 200;

    private readonly Dictionary<Ingest.Sensor, int> skipped = [];
    private readonly Queue<double> bestOfSmallBatches = new(RememberedBatches);

    /// <summary>Marks the chosen ones among the waiting prompts. Deterministic: equal gate scores in order of arrival.</summary>
    /// <param name="percent">1-100: share of the batch that may be judged.</param>
    public void Choose(IReadOnlyList<Prompt> waiting, int percent, Span<bool> chosen)
    {
        if (percent >= 100 || waiting.Count == 0)
        {
            chosen.Fill(true);
            return;
        }

        chosen.Clear();
        var (share, overdue) = (waiting.Count * percent / 100.0, waiting.Count(Overdue));
        var allowed = share >= 1 ? Math.Max((int)Math.Ceiling(share), overdue) : overdue + (StandsOut(waiting.MaxBy(p => p.Window.GateScore)!, share) ? 1 : 0);
        foreach (var index in Enumerable.Range(0, waiting.Count).OrderByDescending(i => Overdue(waiting[i]) ? double.MaxValue : waiting[i].Window.GateScore).Take(allowed))
        {
            chosen[index] = true;
        }

        for (var i = 0; i < waiting.Count; i++)
        {
            skipped[waiting[i].Window.Sensor] = chosen[i] ? 0 : skipped.GetValueOrDefault(waiting[i].Window.Sensor) + 1;
        }
    }

    /// <summary>Forgets a sensor that is gone.</summary>
    public void Forget(Ingest.Sensor sensor) => skipped.Remove(sensor);

    /// <summary>Whether the best of a small batch is to be judged so that about this share of such batches is.</summary>
    private bool StandsOut(Prompt best, double share)
    {
        var score = best.Window.GateScore;
        var standsOut = bestOfSmallBatches.Count(before => before >= score) < share * bestOfSmallBatches.Count;
        if (bestOfSmallBatches.Count == RememberedBatches)
        {
            bestOfSmallBatches.Dequeue();
        }

        bestOfSmallBatches.Enqueue(score);
        return standsOut && !Overdue(best);
    }

    private bool Overdue(Prompt prompt) => skipped.GetValueOrDefault(prompt.Window.Sensor) >= MinimumShare - 1;
}
