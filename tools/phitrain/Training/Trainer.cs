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

/// <summary>What a training does.</summary>
/// <param name="Steps">Batches of 128.</param>
/// <param name="Rate">Highest learning rate.</param>
/// <param name="WarmUp">Steps until it is reached.</param>
internal sealed record TrainingPlan(string Name, StudentSize Size, ulong Seed, int Steps, double Rate, int WarmUp, IReadOnlyList<BatchPart> Parts);

/// <summary>
/// Trains one student (detection recipe, section 7): AdamW, warm-up and cosine, clipping, field dropout, averaged weights. Each step draws from a random stream of
/// its own and torch works on one thread, so the same plan gives the same weights on the same kind of machine, also when it went on from a checkpoint. How good it is on held-out
/// series is only looked at; nothing depends on it.
/// </summary>
internal sealed class Trainer(TrainingWindows windows, TrainingPlan plan, Checkpoint checkpoint, TrainingWatch watch)
{
    private const int BatchSize = 128;
    private const int StepsPerCheckpoint = 10;
    private const double LargestDropout = .2;
    private const double WeightDecay = .05;
    private const double KindWeight = .3;

    /// <summary>Restores the odds of the recipe's class weights from the batch's 35 % positives.</summary>
    private const double PositiveWeight = .3 * .65 / .35;

    private readonly long[] tokens = new long[BatchSize * StudentShape.Tokens];
    private readonly float[] targets = new float[BatchSize];
    private readonly float[] weights = new float[BatchSize];
    private readonly long[] kinds = new long[BatchSize];

    /// <summary>Trains from the checkpoint on, or from the start, and returns the averaged weights in a student of their own.</summary>
    public Student Run()
    {
        set_num_threads(1);
        using var student = NewStudent();
        var average = NewStudent();
        using var optimizer = NewOptimizer(student);
        var state = checkpoint.Load(student, average, optimizer);
        var seen = watch.Start(plan.Name, plan.Steps, state.Step);
        while (state.Step < plan.Steps)
        {
            using var scope = NewDisposeScope();
            var loss = Step(student, optimizer, state.Step);
            Average(student, average, state.Step);
            state = state.Next(loss);
            if (state.Step % StepsPerCheckpoint == 0 || state.Step == plan.Steps)
            {
                checkpoint.Save(state, student, average, optimizer);
            }

            seen.Report(state, loss, average);
        }

        return average;
    }

    private Student NewStudent() => new(plan.Size, new RandomStream(plan.Seed, 0));

    /// <summary>Weight decay on matrices only.</summary>
    private AdamW NewOptimizer(Student student) => new(
        new[] { (Matrices: true, Decay: WeightDecay), (Matrices: false, Decay: 0) }
            .Select(g => new AdamW.ParamGroup([.. student.Weights.Values.Where(w => w.dim() > 1 == g.Matrices)], plan.Rate, .9, .98, weight_decay: g.Decay)));

    private double Step(Student student, AdamW optimizer, int step)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = Rate(step);
        }

        FillBatch(new RandomStream(plan.Seed, 1 + (ulong)step));
        using var input = TorchLibrary.Own(tensor(tokens, [BatchSize, StudentShape.Tokens]));
        var logits = student.forward(input);
        var score = logits.narrow(1, 1, StudentShape.Answers.Length - 1).logsumexp(1) - logits.select(1, 0);
        var judgement = nn.functional.binary_cross_entropy_with_logits(score, TorchLibrary.Own(tensor(targets)), TorchLibrary.Own(tensor(weights)));
        var named = nn.functional.cross_entropy(logits.narrow(1, 1, StudentShape.Answers.Length - 1), TorchLibrary.Own(tensor(kinds)), ignore_index: -1);
        var loss = judgement + (KindWeight * named);
        optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(student.parameters(), 1);
        optimizer.step();
        return loss.item<float>();
    }

    private void FillBatch(RandomStream random)
    {
        var at = 0;
        for (var part = 0; part < plan.Parts.Count; part++)
        {
            var source = plan.Parts[part];
            var until = part == plan.Parts.Count - 1 ? BatchSize : at + (int)Math.Round(source.Share * BatchSize);
            for (; at < until; at++)
            {
                var window = random.Pick<int>(source.Windows);
                WritePrompt(random, windows.DigitsOf(window), tokens.AsSpan(at * StudentShape.Tokens, StudentShape.Tokens));
                targets[at] = source.Targets[window];
                weights[at] = source.Picked ? (float)PositiveWeight : 1;
                kinds[at] = source.Picked && windows.Kinds[window] is var kind and not TrainingWindows.UnknownKind ? kind : -1;
            }
        }
    }

    /// <summary>Field dropout: per window a rate uniform in 0..0.2, each field set to absent with it.</summary>
    private static void WritePrompt(RandomStream random, ReadOnlySpan<byte> digits, Span<long> prompt)
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
