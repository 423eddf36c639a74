using System.Threading.Channels;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Steps;

/// <summary>
/// Lets a candidate judge the windows that the model judges anyway, beside it and unheard. Those that it has no time for are left out: judging live comes first.
/// </summary>
internal sealed class ShadowJudge : IDisposable
{
    private const int MostWaiting = 256;

    private readonly Channel<(Prompt Prompt, Verdict Verdict)> windows = Channel.CreateBounded<(Prompt, Verdict)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly SlotId slot;
    private readonly ModelHost host;
    private readonly Task running;

    /// <param name="ownedJudge">The candidate.</param>
    /// <param name="sensor">What it reads and answers.</param>
    /// <param name="judged">Told what judges now and the candidate said of a window, one window at a time.</param>
    public ShadowJudge(SlotId slot, ModelHost host, IVerdictModel ownedJudge, SensorModel sensor, Action<Verdict, Verdict> judged)
    {
        (this.slot, this.host) = (slot, host);
        running = Task.Run(() => RunAsync(ownedJudge, sensor, judged));
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

    private async Task RunAsync(IVerdictModel ownedJudge, SensorModel sensor, Action<Verdict, Verdict> judged)
    {
        using (ownedJudge)
        {
            var (judge, writer) = (new WindowJudge(ownedJudge, sensor, new Accounting()), new PromptWriter(sensor));
            await foreach (var (prompt, verdict) in windows.Reader.ReadAllAsync())
            {
                judged(verdict, judge.Judge(writer.Write(prompt.Window), withinBudget: true));
            }
        }
    }
}
