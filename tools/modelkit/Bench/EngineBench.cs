using System.Diagnostics;
using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>One form of a model on one set of threads, ready to be measured in rounds.</summary>
internal sealed class EngineBench : IDisposable
{
    private static readonly int[][] Labels = [[1], [2], [3]];

    private readonly BenchPlan plan;
    private readonly PhiModel model;
    private readonly int callers;
    private readonly int threads;
    private readonly LabelScorer behindPrefix;
    private readonly LabelScorer whole;
    private readonly TokenSequence sequence;
    private readonly BareLoop? bare;
    private readonly int[] tokens;
    private readonly double load;
    private readonly double resident;

    public EngineBench(PhiModel model, BenchPlan plan, int callers, int threads, double load, double resident)
    {
        (this.model, this.callers, this.threads, this.load, this.resident) = (model, callers, threads, load, resident);
        this.plan = plan.Within(model.Config.ContextLength);
        tokens = BenchPlan.Tokens(Math.Max(this.plan.Prefix + this.plan.Suffix, this.plan.Prompt + this.plan.Answer), model.Config.VocabularySize);
        behindPrefix = new LabelScorer(model, tokens.AsSpan(0, this.plan.Prefix), Labels);
        whole = new LabelScorer(model, [], Labels);
        sequence = new TokenSequence(model, null, this.plan.Prompt + this.plan.Answer);
        bare = callers == 1 ? new BareLoop(model, this.plan.Prefix, this.plan.Suffix) : null;
    }

    /// <summary>Loads a model and measures that.</summary>
    public static (PhiModel Model, double Seconds, double Megabytes) Load(string folder, ComputeForm form, bool usePool)
    {
        var (before, began) = (ProcessMemory.Resident(), Stopwatch.GetTimestamp());
        var model = PhiModel.Load(folder, new PhiModelOptions { Compute = form, UsePool = usePool, Callers = Environment.ProcessorCount });
        using (var scorer = new LabelScorer(model, [1], [[1], [2]]))
        {
            scorer.Score([2, 3], new float[2]);
        }

        return (model, Stopwatch.GetElapsedTime(began).TotalSeconds, ProcessMemory.Resident() - before);
    }

    /// <summary>One round.</summary>
    public BenchRow Measure() => new(
        model.Form, callers, threads, load, resident, Verdicts(behindPrefix, tokens[plan.Prefix..(plan.Prefix + plan.Suffix)]), Verdicts(whole, tokens[..(plan.Prefix + plan.Suffix)]),
        bare is null ? null : Rate.Of([bare.Run], plan.Time), callers > 1 ? null : plan.Prompt * Rate.Of([Prefill], plan.Time), callers > 1 ? null : Decode());

    public void Dispose()
    {
        bare?.Dispose();
        sequence.Dispose();
        whole.Dispose();
        behindPrefix.Dispose();
    }

    private double Verdicts(LabelScorer scorer, int[] suffix) => Rate.Of([.. Enumerable.Range(0, callers).Select(_ =>
    {
        var scores = new float[Labels.Length];
        return (Action)(() => scorer.Score(suffix, scores));
    })], plan.Time);

    private void Prefill()
    {
        sequence.Truncate(0);
        sequence.Append(tokens.AsSpan(0, plan.Prompt));
    }

    private double Decode()
    {
        Prefill();
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        while (count < plan.Answer && (count < 2 || Stopwatch.GetElapsedTime(began) < plan.Time))
        {
            sequence.Append(tokens.AsSpan(plan.Prompt + count++, 1));
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
