using System.Diagnostics;
using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>How long a call goes on that was cancelled at some moment of a long prompt, and one that waits for it.</summary>
internal static class CancelBench
{
    private const int Calls = 20;
    private const int Prompt = 1024;

    /// <summary>95th percentile, milliseconds, of calls under way and of waiting ones.</summary>
    public static (double Running, double Waiting) Run(string folder, ComputeForm form)
    {
        using var model = PhiModel.Load(folder, new PhiModelOptions { Compute = form, UsePool = true, Callers = 1 });
        var tokens = BenchPlan.Tokens(Math.Min(Prompt, model.Config.ContextLength), model.Config.VocabularySize);
        using var scorer = new LabelScorer(model, [], [[1], [2]]);
        var (running, waiting, random) = (new List<double>(), new List<double>(), new Random(1));
        for (var call = 0; call < Calls; call++)
        {
            using var cancelled = new CancellationTokenSource();
            var calls = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() => UntilCancelled(scorer, tokens, cancelled.Token), TaskCreationOptions.LongRunning)).ToArray();
            var began = 0L;
            using var moment = cancelled.Token.Register(() => began = Stopwatch.GetTimestamp());
            cancelled.CancelAfter(random.Next(20, 1000));
            Task.WaitAll(calls);
            var ends = Array.ConvertAll(calls, task => Stopwatch.GetElapsedTime(began, task.Result).TotalMilliseconds);
            running.Add(ends.Max());
            waiting.Add(ends.Min());
        }

        return (Percentile(running), Percentile(waiting));
    }

    private static long UntilCancelled(LabelScorer scorer, int[] tokens, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                scorer.Score(tokens, new float[2], cancellation: cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            return Stopwatch.GetTimestamp();
        }
    }

    private static double Percentile(List<double> times) => times.Order().ElementAt((int)Math.Ceiling(0.95 * times.Count) - 1);
}
