using System.Runtime.ExceptionServices;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>How much is trained.</summary>
/// <param name="Members">Students of the committee.</param>
/// <param name="MemberSteps">Batches each member sees.</param>
/// <param name="StudentSteps">Batches the final student sees.</param>
/// <param name="Size">Of the members and of the student.</param>
internal sealed record RecipeSizes(int Members, int MemberSteps, int StudentSteps, StudentSize Size);

/// <summary>
/// The recipe without boosted trees (detection recipe, section 9): a committee of small students on hard labels, each on 60 % of the series; their mean log-odds pick the 8
/// windows of each fault that show it best, and are the soft targets of one student. Recorded examples are drawn set by set: however many windows a set has, it weighs a
/// fifth of all generated series (backgrounds with injected faults count as these).
/// </summary>
internal sealed class Recipe(WindowFile data, RecipeSizes sizes, ulong seed, string work, TrainingWatch watch, ProgressLog log)
{
    private const double MemberShare = .6;
    private const double MemberNormals = .22;
    private const int BestPerFault = 8;
    private const int BestPerRecordedEvent = 3;
    private const double GeneratedWeight = 5;
    private const double StudentFaults = .4;
    private const int StudentNormals = 25_000;
    private const int StudentOthers = 8_000;
    private const double SoftShare = .7;
    private const double Rate = 2e-3;
    private const string StudentName = "student";

    private readonly TrainingWindows windows = data.Windows;
    private readonly RandomStream random = new(seed, ulong.MaxValue);

    /// <summary>Names of the recorded sets, then "" for all that is generated.</summary>
    private readonly string[] sets = [.. data.Origins.Where(o => o.IsRecorded).Select(o => o.Set).Distinct().Order(StringComparer.Ordinal), ""];

    /// <summary>Trains everything, each part from its checkpoint on, and returns the student.</summary>
    public Student Run()
    {
        var members = new Student[sizes.Members];
        var plans = Enumerable.Range(0, sizes.Members).Select(PlanMember).ToArray();
        Array.ForEach([.. plans.Select(p => p.Name), StudentName], name => CheckpointOf(name).Verify());
        TorchLibrary.WarmUp();
        AtOnce(i => members[i] = Train(plans[i]));
        var pool = Pool();
        return Train(PlanStudent(pool, Committee(members, pool)));
    }

    /// <summary>Does this for each member, as many at once as there are cores: a training uses one thread, because several are slower on a small model.</summary>
    private void AtOnce(Action<int> member)
    {
        try
        {
            Parallel.For(0, sizes.Members, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, member);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private TrainingPlan PlanMember(int member)
    {
        var inside = Enumerable.Range(0, data.Series).Select(_ => random.Chance(MemberShare)).ToArray();
        var candidates = Numbers(i => inside[windows.Series[i]] && windows.Classes[i] == WindowClass.Candidate);
        var normals = Numbers(i => inside[windows.Series[i]] && windows.Classes[i] == WindowClass.Normal && random.Chance(MemberNormals));
        var (ones, zeros) = (Constant(candidates, 1), new float[windows.Count]);
        return new TrainingPlan(
            $"member {member + 1}", sizes.Size, seed + 1 + (ulong)member, sizes.MemberSteps, Rate, Math.Min(200, sizes.MemberSteps / 5),
            BySet([new BatchPart(candidates, .35, ones, Picked: true), new BatchPart(normals, .65, zeros, Picked: false)]));
    }

    /// <summary>What the committee scores and the student may see: the candidates of some faults, and some normal and ignored windows, so that scoring takes minutes.</summary>
    private int[] Pool()
    {
        var fault = Enumerable.Range(0, windows.Events.Max() + 1).Select(_ => random.Chance(StudentFaults)).ToArray();
        var (normalShares, ignoredShares) = (Shares(WindowClass.Normal, StudentNormals), Shares(WindowClass.Ignored, StudentOthers));
        return Numbers(i => windows.Classes[i] switch
        {
            WindowClass.Candidate => fault[windows.Events[i]] || SetOf(i).Length > 0,
            WindowClass.Normal => random.Chance(normalShares[SetOf(i)]),
            _ => random.Chance(ignoredShares[SetOf(i)]),
        });
    }

    /// <summary>Which share of each set's windows of a class gives so many of generated series, and a fifth of it of a recorded set.</summary>
    private Dictionary<string, double> Shares(WindowClass wanted, int count)
    {
        var counts = Numbers(i => windows.Classes[i] == wanted).CountBy(SetOf).ToDictionary();
        return sets.ToDictionary(set => set, set => count / (set.Length == 0 ? 1 : GeneratedWeight) / counts.GetValueOrDefault(set, 1));
    }

    /// <summary>Mean log-odds of the members.</summary>
    private float[] Committee(Student[] members, int[] pool)
    {
        var scores = new float[members.Length][];
        AtOnce(m =>
        {
            var part = log.Start($"member {m + 1}: scored window", pool.Length);
            scores[m] = Scorer.Score(members[m], windows, pool, done => part.Report(done));
        });
        var mean = new float[windows.Count];
        for (var i = 0; i < pool.Length; i++)
        {
            mean[pool[i]] = scores.Average(s => s[i]);
        }

        return mean;
    }

    private TrainingPlan PlanStudent(int[] pool, float[] committee)
    {
        var picked = pool.Where(i => windows.Classes[i] == WindowClass.Candidate).GroupBy(i => windows.Events[i])
            .SelectMany(e => e.OrderByDescending(i => committee[i]).Take(SetOf(e.First()).Length > 0 ? BestPerRecordedEvent : BestPerFault)).Order().ToArray();
        var isPicked = new bool[windows.Count];
        Array.ForEach(picked, i => isPicked[i] = true);
        var others = pool.Where(i => windows.Classes[i] != WindowClass.Normal && !isPicked[i]).ToArray();
        var normals = pool.Where(i => windows.Classes[i] == WindowClass.Normal).ToArray();
        var targets = new float[windows.Count];
        foreach (var i in pool)
        {
            var soft = 1 / (1 + MathF.Exp(-committee[i]));
            targets[i] = windows.Classes[i] == WindowClass.Ignored ? soft : (float)((SoftShare * soft) + ((1 - SoftShare) * (isPicked[i] ? 1 : 0)));
        }

        return new TrainingPlan(
            StudentName, sizes.Size, seed + 100, sizes.StudentSteps, Rate, Math.Min(200, sizes.StudentSteps / 5),
            BySet([new BatchPart(picked, .35, targets, Picked: true), new BatchPart(others, .15, targets, Picked: false), new BatchPart(normals, .5, targets, Picked: false)]));
    }

    /// <summary>Splits the parts of a batch by set. What a set has none of is drawn from generated windows instead, whose last part fills the batch.</summary>
    private BatchPart[] BySet(BatchPart[] parts)
    {
        var total = sets.Length - 1 + GeneratedWeight;
        return [.. sets.SelectMany(set => parts.Select(p => p with
        {
            Windows = sets.Length == 1 ? p.Windows : [.. p.Windows.Where(i => SetOf(i) == set)],
            Share = p.Share * (set.Length == 0 ? GeneratedWeight : 1) / total,
        }).Where(p => p.Windows.Length > 0))];
    }

    /// <summary>"" for generated windows.</summary>
    private string SetOf(int window) => data.Origins[windows.Series[window]] is { IsRecorded: true, Set: var set } ? set : "";

    private Student Train(TrainingPlan plan) => new Trainer(windows, plan, CheckpointOf(plan.Name), watch).Run();

    private Checkpoint CheckpointOf(string name) =>
        new(Path.Combine(work, name.Replace(' ', '-') + ".checkpoint"), $"data {data.Digest}, seed {seed}, {sizes}, {name}");

    private int[] Numbers(Func<int, bool> wanted) => [.. Enumerable.Range(0, windows.Count).Where(wanted)];

    private float[] Constant(int[] numbers, float value)
    {
        var all = new float[windows.Count];
        Array.ForEach(numbers, i => all[i] = value);
        return all;
    }
}
