using System.Diagnostics;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Windows.Fields;
using SensorSimulator.Synthesis;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Where the windows of one part of a batch come from, and what they should give.</summary>
/// <param name="Windows">Numbers of the windows that are drawn from.</param>
/// <param name="Share">Part of the batch.</param>
/// <param name="Targets">Wanted probability of "not normal" by window number.</param>
/// <param name="Picked">Whether they are positives: weighted, and their kind is learnt.</param>
internal sealed record BatchPart(int[] Windows, double Share, float[] Targets, bool Picked);

/// <summary>What a training run does.</summary>
/// <param name="Steps">Batches of 128.</param>
internal sealed record TrainingPlan(string Name, ulong Seed, int Steps, double Rate, int WarmUp, IReadOnlyList<BatchPart> Parts);

/// <summary>
/// Trains one student (detection recipe, section 7): AdamW, warm-up and cosine, clipping, field dropout, averaged weights. Random numbers come from the plan's seed and torch
/// works on one thread, so the same plan gives the same weights on the same kind of machine.
/// </summary>
internal sealed class Trainer(TrainingWindows windows, TrainingPlan plan, Action<string> log)
{
    private const int BatchSize = 128;
    private const double LargestDropout = .2;
    private const double WeightDecay = .05;
    private const double KindWeight = .3;

    /// <summary>Restores the odds of the recipe's class weights from the batch's 35 % positives.</summary>
    private const double PositiveWeight = .3 * .65 / .35;

    private readonly RandomStream random = new(plan.Seed, 0);
    private readonly long[] tokens = new long[BatchSize * StudentShape.Tokens];
    private readonly float[] targets = new float[BatchSize];
    private readonly float[] weights = new float[BatchSize];
    private readonly long[] kinds = new long[BatchSize];

    /// <summary>Trains from the start and returns the averaged weights in a student of their own.</summary>
    public Student Run()
    {
        using var student = new Student(new RandomStream(plan.Seed, 1));
        var average = new Student(new RandomStream(plan.Seed, 1));
        var (matrices, others) = (student.Weights.Values.Where(w => w.dim() > 1).ToList(), student.Weights.Values.Where(w => w.dim() == 1).ToList());
        using var optimizer = new AdamW([new AdamW.ParamGroup(matrices, plan.Rate, .9, .98, weight_decay: WeightDecay), new AdamW.ParamGroup(others, plan.Rate, .9, .98, weight_decay: 0)]);
        var (watch, loss) = (Stopwatch.StartNew(), 0.0);
        for (var step = 0; step < plan.Steps; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = Rate(step);
            }

            loss = (step == 0 ? 1 : .98 * loss) + ((step == 0 ? 0 : .02) * Step(student, optimizer));
            Average(student, average, step);
            if ((step + 1) % 200 == 0 || step + 1 == plan.Steps)
            {
                var left = TimeSpan.FromSeconds(watch.Elapsed.TotalSeconds / (step + 1) * (plan.Steps - step - 1));
                log(FormattableString.Invariant($"{plan.Name}: step {step + 1} of {plan.Steps}, loss {loss:0.0000}, {(step + 1) * BatchSize / watch.Elapsed.TotalSeconds:0} windows/s, {left:m\\:ss} left"));
            }
        }

        return average;
    }

    private double Step(Student student, AdamW optimizer)
    {
        FillBatch();
        using var input = tensor(tokens, [BatchSize, StudentShape.Tokens]);
        var logits = student.forward(input);
        var score = logits.narrow(1, 1, StudentShape.Answers.Length - 1).logsumexp(1) - logits.select(1, 0);
        var judgement = nn.functional.binary_cross_entropy_with_logits(score, tensor(targets), tensor(weights));
        var named = nn.functional.cross_entropy(logits.narrow(1, 1, StudentShape.Answers.Length - 1), tensor(kinds), ignore_index: -1);
        var loss = judgement + (KindWeight * named);
        optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(student.parameters(), 1);
        optimizer.step();
        return loss.item<float>();
    }

    private void FillBatch()
    {
        var at = 0;
        for (var part = 0; part < plan.Parts.Count; part++)
        {
            var source = plan.Parts[part];
            var until = part == plan.Parts.Count - 1 ? BatchSize : at + (int)Math.Round(source.Share * BatchSize);
            for (; at < until; at++)
            {
                var window = random.Pick<int>(source.Windows);
                WritePrompt(windows.DigitsOf(window), tokens.AsSpan(at * StudentShape.Tokens, StudentShape.Tokens));
                targets[at] = source.Targets[window];
                weights[at] = source.Picked ? (float)PositiveWeight : 1;
                kinds[at] = source.Picked ? windows.Kinds[window] : -1;
            }
        }
    }

    /// <summary>Field dropout: per window a rate uniform in 0..0.2, each field set to absent with it.</summary>
    private void WritePrompt(ReadOnlySpan<byte> digits, Span<long> prompt)
    {
        var rate = random.Uniform(0, LargestDropout);
        prompt[0] = StudentShape.Start;
        for (var field = 0; field < SensorFields.Count; field++)
        {
            prompt[field + 1] = StudentShape.Pair(field, random.Chance(rate) ? FieldLevels.Absent : digits[field]);
        }

        prompt[^1] = StudentShape.EqualsSign;
    }

    private double Rate(int step)
    {
        if (step < plan.WarmUp)
        {
            return plan.Rate * (step + 1) / plan.WarmUp;
        }

        var progress = (step - plan.WarmUp) / (double)Math.Max(1, plan.Steps - plan.WarmUp);
        return plan.Rate * (.05 + (.95 * .5 * (1 + Math.Cos(Math.PI * progress))));
    }

    private static void Average(Student student, Student average, int step)
    {
        using var off = no_grad();
        var decay = Math.Min(.998, (step + 1.0) / (step + 10.0));
        foreach (var (name, weight) in student.Weights)
        {
            average.Weights[name].mul_(decay).add_(weight, 1 - decay);
        }
    }
}
