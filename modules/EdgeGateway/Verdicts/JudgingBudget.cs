using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>
/// Chooses which windows of a batch the model judges: the ones with the highest gate scores, and at least every sixth window of each sensor. At 100 % all.
/// </summary>
internal sealed class JudgingBudget
{
    /// <summary>A sensor is judged at least once in so many of its windows.</summary>
    public const int MinimumShare = 6;

    private readonly Dictionary<Ingest.Sensor, int> skipped = [];

    /// <summary>Marks the chosen ones among the waiting prompts. Deterministic: equal gate scores in order of arrival.</summary>
    /// <param name="percent">1-100: share of the batch that may be judged.</param>
    public void Choose(IReadOnlyList<Prompt> waiting, int percent, Span<bool> chosen)
    {
        if (percent >= 100)
        {
            chosen.Fill(true);
            return;
        }

        chosen.Clear();
        var allowed = Math.Max((int)Math.Ceiling(waiting.Count * percent / 100.0), waiting.Count(Overdue));
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

    private bool Overdue(Prompt prompt) => skipped.GetValueOrDefault(prompt.Window.Sensor) >= MinimumShare - 1;
}
