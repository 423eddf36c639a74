using System.Threading.Channels;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Verdicts;

/// <summary>
/// Runs the Verdicts stage: prompt -> verdict, in order. Takes what waits as one batch, chooses within the budget, and judges. Inference blocks, so the
/// stage has a thread of its own. With budget "auto" everything is judged; only when the input has been full for half a minute on end is it thinned out to what the model can do.
/// </summary>
internal sealed class VerdictsWorker(
    WindowJudge judge, JudgingBudget budget, DetectionSettings settings, OverloadWatch overload, LastVerdicts last, WindowTraces traces, StagePulse pulse, ChannelReader<StageEvent> input, ChannelWriter<StageEvent> output) : BackgroundService
{
    private const int LargestBatch = 256;
    private int? budgetPercent = settings.BudgetPercent;
    private readonly List<StageEvent> batch = new(LargestBatch);
    private readonly List<Prompt> prompts = new(LargestBatch);
    private readonly bool[] chosen = new bool[LargestBatch];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => StageLoop.RunOnOwnThreadAsync(input, output, pulse, first =>
    {
        batch.Add(first);
        while (batch.Count < LargestBatch && batch[^1] is not SettingsChanged && input.TryRead(out var next))
        {
            batch.Add(next);
        }

        JudgeBatch();
        batch.Clear();
    });

    private void JudgeBatch()
    {
        prompts.Clear();
        prompts.AddRange(batch.OfType<Prompt>());
        budget.Choose(prompts, budgetPercent ?? overload.AffordablePercent(batch.Count == LargestBatch), chosen.AsSpan(0, prompts.Count));
        var index = 0;
        foreach (var happened in batch)
        {
            pulse.Begin();
            if (happened is SensorForgotten forgotten)
            {
                budget.Forget(forgotten.Sensor);
                last.Forget(forgotten.Sensor);
            }

            if (happened is SettingsChanged { Settings: { Detection: var detection, Operations: var operations } })
            {
                judge.Use(detection);
                last.KeepsHistory = operations.PagePort != 0;
                budgetPercent = detection.BudgetPercent;
            }

            StageLoop.Write(output, happened is Prompt prompt ? Judge(prompt, chosen[index++]) : happened);
        }
    }

    private Verdict Judge(Prompt prompt, bool withinBudget)
    {
        traces.Asked(prompt.Window);
        var verdict = judge.Judge(prompt, withinBudget);
        traces.Judged(prompt.Window);
        return verdict;
    }
}
