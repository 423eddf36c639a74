using EdgeGateway.PhiTrain.Data;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>How much is trained.</summary>
/// <param name="Members">Students of the committee.</param>
/// <param name="MemberSteps">Batches each member sees.</param>
/// <param name="StudentSteps">Batches the final student sees.</param>
internal sealed record RecipeSizes(int Members, int MemberSteps, int StudentSteps);

/// <summary>
/// The recipe without boosted trees (detection recipe, section 9): a committee of small students on hard labels, each on 60 % of the series; their mean log-odds pick the 8
/// windows of each fault that show it best, and are the soft targets of one student.
/// </summary>
internal sealed class Recipe(TrainingWindows windows, RecipeSizes sizes, ulong seed, string checkpoints, Action<string> log)
{
    private const double MemberShare = .6;
    private const double MemberNormals = .22;
    private const int BestPerEvent = 8;
    private const int StudentNormals = 80_000;
    private const int StudentOthers = 25_000;
    private const double SoftShare = .7;
    private const double MemberRate = 2e-3;

    private readonly RandomStream random = new(seed, 1000);

    /// <summary>Trains everything and returns the student. Finished members are read from their checkpoints.</summary>
    public Student Run(int threads)
    {
        var members = new Student[sizes.Members];
        var plans = Enumerable.Range(0, sizes.Members).Select(PlanMember).ToArray();
        Parallel.For(0, sizes.Members, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => members[i] = TrainOrLoad(plans[i]));
        var pool = Pool();
        var committee = Committee(members, pool, threads);
        return TrainOrLoad(PlanStudent(pool, committee));
    }

    private TrainingPlan PlanMember(int member)
    {
        var inside = Enumerable.Range(0, windows.Series.Max() + 1).Select(_ => random.Chance(MemberShare)).ToArray();
        var candidates = Numbers(i => inside[windows.Series[i]] && windows.Classes[i] == WindowClass.Candidate);
        var normals = Numbers(i => inside[windows.Series[i]] && windows.Classes[i] == WindowClass.Normal && random.Chance(MemberNormals));
        var (ones, zeros) = (Constant(candidates, 1), new float[windows.Count]);
        return new TrainingPlan(
            $"member {member + 1}", seed + 1 + (ulong)member, sizes.MemberSteps, MemberRate, Math.Min(200, sizes.MemberSteps / 5),
            [new BatchPart(candidates, .35, ones, Picked: true), new BatchPart(normals, .65, zeros, Picked: false)]);
    }

    /// <summary>All candidates, and as many normal and ignored windows as the student may see.</summary>
    private int[] Pool()
    {
        var normalShare = StudentNormals / (double)windows.Classes.Count(c => c == WindowClass.Normal);
        var ignoredShare = StudentOthers / (double)windows.Classes.Count(c => c == WindowClass.Ignored);
        return Numbers(i => windows.Classes[i] switch
        {
            WindowClass.Candidate => true,
            WindowClass.Normal => random.Chance(normalShare),
            _ => random.Chance(ignoredShare),
        });
    }

    /// <summary>Mean log-odds of the members.</summary>
    private float[] Committee(Student[] members, int[] pool, int threads)
    {
        var scores = members.Select(_ => new float[windows.Count]).ToArray();
        log($"scoring {pool.Length} windows by {members.Length} members");
        Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, m => Scorer.Score(members[m], windows, pool, scores[m]));
        var mean = new float[windows.Count];
        foreach (var i in pool)
        {
            mean[i] = scores.Average(s => s[i]);
        }

        return mean;
    }

    private TrainingPlan PlanStudent(int[] pool, float[] committee)
    {
        var picked = pool.Where(i => windows.Classes[i] == WindowClass.Candidate).GroupBy(i => windows.Events[i])
            .SelectMany(e => e.OrderByDescending(i => committee[i]).Take(BestPerEvent)).Order().ToArray();
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
            "student", seed + 100, sizes.StudentSteps, MemberRate, Math.Min(200, sizes.StudentSteps / 5),
            [new BatchPart(picked, .35, targets, Picked: true), new BatchPart(others, .15, targets, Picked: false), new BatchPart(normals, .5, targets, Picked: false)]);
    }

    private Student TrainOrLoad(TrainingPlan plan)
    {
        var path = Path.Combine(checkpoints, plan.Name.Replace(' ', '-') + ".pt");
        if (File.Exists(path))
        {
            var loaded = new Student(new RandomStream(plan.Seed, 1));
            loaded.load(path);
            log($"{plan.Name}: taken from its checkpoint");
            return loaded;
        }

        var student = new Trainer(windows, plan, log).Run();
        student.save(path + ".new");
        File.Move(path + ".new", path, overwrite: true);
        return student;
    }

    private int[] Numbers(Func<int, bool> wanted) => [.. Enumerable.Range(0, windows.Count).Where(wanted)];

    private float[] Constant(int[] numbers, float value)
    {
        var all = new float[windows.Count];
        Array.ForEach(numbers, i => all[i] = value);
        return all;
    }
}
