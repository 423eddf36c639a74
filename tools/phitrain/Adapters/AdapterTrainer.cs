using System.Globalization;
using EdgeGateway.PhiTrain.Commands;
using SensorSimulator.Synthesis;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>How an adapter is trained (detection recipe, section 8, "Adapter").</summary>
internal sealed record AdapterPlan
{
    /// <summary>Batches.</summary>
    public int Steps { get; init; } = 250;

    /// <summary>Rank of the factors.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Scale of the factors times their rank.</summary>
    public double Alpha => 2 * Rank;

    /// <summary>Share of the windows of events.</summary>
    public double Positives { get; init; } = .25;

    /// <summary>Share of the normal windows of generated series: what is learnt must not spoil what the base knows of other sensors.</summary>
    public double Generated { get; init; } = .19;

    /// <summary>Highest learning rate.</summary>
    public double Rate { get; init; } = 2e-3;

    /// <summary>Windows of each event that are positives: those that the base model scores highest.</summary>
    public int BestPerEvent { get; init; } = 5;
}

/// <summary>Where the windows of a batch are drawn from.</summary>
/// <param name="Share">Of the windows that are drawn.</param>
/// <param name="Target">Wanted probability of "not normal".</param>
internal sealed record WindowPool(SiteWindows Windows, int[] Numbers, double Share, float Target);

/// <summary>
/// Trains LoRA factors: binary cross-entropy of the score against the labels, field dropout, AdamW, warm-up and cosine, clipping, averaged weights. Each step draws from a random
/// stream of its own.
/// </summary>
/// <param name="pools">Their shares sum up to one.</param>
internal sealed class AdapterTrainer(BaseModel model, AdapterPlan plan, IReadOnlyList<WindowPool> pools)
{
    private const int BatchSize = 128;
    private const double WarmUp = .1;
    private const double Floor = .05;
    private const double LargestDropout = .2;
    private const double Averaging = .99;

    private readonly SiteWindows site = pools[0].Windows;

    /// <summary>Trains from the start and returns the model with its averaged factors.</summary>
    public AdaptedModel Run(ulong seed, ProgressLog.Part progress)
    {
        set_num_threads(1);
        using var adapted = NewModel(seed);
        var average = NewModel(seed);
        using var optimizer = new AdamW(adapted.parameters(), plan.Rate, .9, .98, weight_decay: 0);
        for (var step = 0; step < plan.Steps; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = Rate(step);
            }

            var loss = Step(adapted, optimizer, new RandomStream(seed, 1 + (ulong)step));
            average.Approach(adapted, 1 - Math.Min(Averaging, (step + 1.0) / (step + 10.0)));
            progress.Report(step + 1, string.Create(CultureInfo.InvariantCulture, $", loss {loss:0.000}"));
        }

        return average;
    }

    private AdaptedModel NewModel(ulong seed) => new(model.Weights, plan, site.Answers, site.Length, new RandomStream(seed, 0));

    private double Step(AdaptedModel adapted, AdamW optimizer, RandomStream random)
    {
        var (tokens, targets) = (new long[BatchSize * site.Length], new float[BatchSize]);
        for (var i = 0; i < BatchSize; i++)
        {
            var pool = Draw(random);
            Write(random, pool.Windows.PromptOf(random.Pick<int>(pool.Numbers)), tokens.AsSpan(i * site.Length, site.Length));
            targets[i] = pool.Target;
        }

        var logits = adapted.forward(tensor(tokens, [BatchSize, site.Length]));
        var loss = nn.functional.binary_cross_entropy_with_logits(Score(logits), tensor(targets));
        optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(adapted.parameters(), 1);
        optimizer.step();
        return loss.item<float>();
    }

    private WindowPool Draw(RandomStream random)
    {
        var (left, at) = (random.Uniform(0, 1), 0);
        while (at < pools.Count - 1 && left >= pools[at].Share)
        {
            left -= pools[at++].Share;
        }

        return pools[at];
    }

    /// <summary>Field dropout: per window a rate uniform in 0..0.2, each field set to absent with it.</summary>
    private void Write(RandomStream random, ReadOnlySpan<int> prompt, Span<long> tokens)
    {
        var (rate, absent) = (random.Uniform(0, LargestDropout), site.Absent);
        for (var token = 0; token < prompt.Length; token++)
        {
            tokens[token] = random.Chance(rate) ? absent[token] : prompt[token];
        }
    }

    /// <summary>log(sum of the kinds' probabilities / probability of normal).</summary>
    private Tensor Score(Tensor logits)
    {
        var kinds = tensor(Enumerable.Range(0, site.Answers.Length).Where(i => i != site.Normal).Select(i => (long)i).ToArray());
        return logits.index_select(1, kinds).logsumexp(1) - logits.select(1, site.Normal);
    }

    private double Rate(int step)
    {
        var warm = Math.Max(1, WarmUp * plan.Steps);
        return step < warm
            ? plan.Rate * (step + 1) / warm
            : plan.Rate * (Floor + ((1 - Floor) * .5 * (1 + Math.Cos(Math.PI * (step - warm) / Math.Max(1, plan.Steps - warm)))));
    }
}
