using System.Collections.Immutable;
using System.Threading.Channels;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Steps;

/// <summary>
/// Lets others judge the windows that the model judges anyway, beside it and unheard. Those that they have no time for are left out: judging live comes first.
/// </summary>
internal sealed class ShadowJudge : IDisposable
{
    private const int MostWaiting = 256;

    private readonly Channel<(Prompt Prompt, Verdict Verdict)> windows = Channel.CreateBounded<(Prompt, Verdict)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly SlotId slot;
    private readonly ModelHost host;
    private readonly Task running;

    /// <param name="ownedJudges">The candidate, and what it is compared with beside what judges now.</param>
    /// <param name="judged">Told what judges now and the others said of a window, one window at a time.</param>
    public ShadowJudge(SlotId slot, ModelHost host, ImmutableArray<JudgedModel> ownedJudges, Action<Verdict, ImmutableArray<Verdict>> judged)
    {
        (this.slot, this.host) = (slot, host);
        running = Task.Run(() => RunAsync(ownedJudges, judged));
        host.Judged += Offer;
    }

    /// <summary>Why it ended by itself; null while it runs.</summary>
    public Exception? Fault => running.Exception?.InnerException;

    /// <inheritdoc/>
    public void Dispose()
    {
        host.Judged -= Offer;
        windows.Writer.TryComplete();
    }

    private void Offer(Prompt prompt, Verdict verdict, string? adapter)
    {
        if (slot.Adapter is null || prompt.Window.Sensor.Source.Adapter == slot.Adapter)
        {
            windows.Writer.TryWrite((prompt, verdict));
        }
    }

    private async Task RunAsync(ImmutableArray<JudgedModel> ownedJudges, Action<Verdict, ImmutableArray<Verdict>> judged)
    {
        try
        {
            (WindowJudge Judge, PromptWriter Writer)[] judges = [.. ownedJudges.Select(j => (new WindowJudge(j.Model, j.Sensor, new Accounting()), new PromptWriter(j.Sensor)))];
            await foreach (var (prompt, verdict) in windows.Reader.ReadAllAsync())
            {
                judged(verdict, [.. judges.Select(j => j.Judge.Judge(j.Writer.Write(prompt.Window), withinBudget: true))]);
            }
        }
        finally
        {
            foreach (var owned in ownedJudges)
            {
                owned.Model?.Dispose();
            }
        }
    }
}
