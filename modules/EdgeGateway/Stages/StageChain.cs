using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Stages;

/// <summary>
/// The stages behind Ingest as one call: what a replay and the journal at a restart use, so that they go through the very same code as live readings, without channels
/// and without a clock.
/// </summary>
internal sealed class StageChain(Windower windower, PromptWriter prompts, WindowJudge judge, JudgingBudget budget, int budgetPercent, AlertRules alerts)
{
    private readonly List<StageEvent> events = [];
    private readonly List<Prompt> waiting = [];

    /// <summary>Takes all readings of one message and appends the alerts that follow.</summary>
    public void Add(List<SensorReading> message, List<Alert> transitions)
    {
        foreach (var reading in message)
        {
            windower.Add(reading, events);
        }

        Finish(transitions);
    }

    /// <summary>Takes what an earlier run told of maintenance up to this time.</summary>
    public void RecallMaintenance(DateTimeOffset time, List<Alert> transitions)
    {
        windower.Maintenance.Recall(time, events);
        Finish(transitions);
    }

    /// <summary>Takes the maintenance of this moment.</summary>
    public void Maintain(DateTimeOffset now, List<Alert> transitions)
    {
        windower.Maintain(now, events);
        Finish(transitions);
    }

    /// <summary>Takes the passing of time.</summary>
    public void Tick(DateTimeOffset now, List<Alert> transitions)
    {
        windower.Tick(now, events);
        events.Add(new Tick(now));
        Finish(transitions);
    }

    private void Finish(List<Alert> transitions)
    {
        if (events.Count == 0)
        {
            return;
        }

        waiting.Clear();
        waiting.AddRange(events.OfType<WindowSummary>().Select(prompts.Write));
        Span<bool> chosen = stackalloc bool[Math.Min(waiting.Count, 256)];
        chosen = waiting.Count > chosen.Length ? new bool[waiting.Count] : chosen;
        budget.Choose(waiting, budgetPercent, chosen);
        var next = 0;
        foreach (var happened in events)
        {
            alerts.Add(happened is WindowSummary ? judge.Judge(waiting[next], chosen[next++]) : happened, transitions);
        }

        events.Clear();
    }
}
