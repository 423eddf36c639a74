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

    /// <summary>Windows of events in a batch.</summary>
    public int Positives { get; init; } = 32;

    /// <summary>Normal windows of the recordings in a batch.</summary>
    public int Normals { get; init; } = 72;

    /// <summary>Normal windows of generated series in a batch: what is learnt must not spoil what the base knows of other sensors.</summary>
    public int Generated { get; init; } = 24;

    /// <summary>Highest learning rate.</summary>
    public double Rate { get; init; } = 2e-3;

    /// <summary>Windows of each event that are positives: those that the base model scores highest.</summary>
    public int BestPerEvent { get; init; } = 5;
}

/// <summary>Where the windows of a batch are drawn from.</summary>
internal sealed record WindowPool(SiteWindows Windows, int[] Numbers);

/// <summary>What an adapter learns from.</summary>
internal sealed record AdapterPools(WindowPool Positives, WindowPool Normals, WindowPool Generated);

/// <summary>Trains LoRA factors: binary cross-entropy of the score against the labels, AdamW, warm-up and cosine, clipping. Each step draws from a random stream of its own.</summary>
internal sealed class AdapterTrainer(BaseModel model, AdapterPlan plan, AdapterPools pools)
{
    private const double WarmUp = .1;
    private const double Floor = .05;

    private readonly SiteWindows site = pools.Positives.Windows;

    /// <summary>Trains from the start and returns the model with its factors.</summary>
    public AdaptedModel Run(ulong seed, ProgressLog.Part progress)
    {
        set_num_threads(1);
        var adapted = new AdaptedModel(model.Weights, site.Answers, site.Length, new RandomStream(seed, 0));
        using var optimizer = new AdamW(adapted.parameters(), plan.Rate, .9, .98, weight_decay: 0);
        var loss = 0.0;
        for (var step = 0; step < plan.Steps; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = Rate(step);
            }

            loss = Step(adapted, optimizer, new RandomStream(seed, 1 + (ulong)step));
            progress.Report(step + 1, string.Create(CultureInfo.InvariantCulture, $", loss {loss:0.000}"));
        }

        return adapted;
    }

    private double Step(AdaptedModel adapted, AdamW optimizer, RandomStream random)
    {
        var batch = plan.Positives + plan.Normals + plan.Generated;
        var (tokens, targets) = (new long[batch * site.Length], new float[batch]);
        for (var i = 0; i < batch; i++)
        {
            var pool = i < plan.Positives ? pools.Positives : i < plan.Positives + plan.Normals ? pools.Normals : pools.Generated;
            var prompt = pool.Windows.PromptOf(random.Pick<int>(pool.Numbers));
            for (var token = 0; token < prompt.Length; token++)
            {
                tokens[(i * site.Length) + token] = prompt[token];
            }

            targets[i] = i < plan.Positives ? 1 : 0;
        }

        var logits = adapted.forward(tensor(tokens, [batch, site.Length]));
        var loss = nn.functional.binary_cross_entropy_with_logits(Score(logits), tensor(targets));
        optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(adapted.parameters(), 1);
        optimizer.step();
        return loss.item<float>();
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
