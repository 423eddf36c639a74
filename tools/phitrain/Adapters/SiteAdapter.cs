using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>What held-back devices showed.</summary>
/// <param name="Comparison">Each adapter has the threshold that was chosen on the devices that it was trained on.</param>
/// <param name="Threshold">For an adapter that is trained on all: chosen on all held-back scores.</param>
/// <param name="Calibration">Fitted to the held-back scores.</param>
internal sealed record HeldBackProof(Comparison Comparison, double Threshold, ScoreCalibration Calibration);

/// <summary>Makes adapters for a base model from a site's recordings, and proves what they are worth on devices that they were not trained on.</summary>
/// <param name="weights">Of each set: its share of the training beside the others.</param>
internal sealed class SiteAdapter(BaseModel model, SiteData data, AdapterPlan plan, IReadOnlyDictionary<string, double> weights, ProgressLog log)
{
    private const double LowestThreshold = -4;
    private const double HighestThreshold = 8;
    private const ulong Seed = 1;

    private readonly float[] before = model.Score(data.Windows, [.. Enumerable.Range(0, data.Windows.Count)], null, log.Start("base model: window judged", data.Windows.Count));

    /// <summary>
    /// Adapters that are each trained without one part of the devices and judge that part. The threshold of each is chosen on the devices that it was trained on, in the same way: on
    /// scores of adapters that were trained without that part and without one further part, which they judge.
    /// </summary>
    /// <param name="parts">At least three.</param>
    public HeldBackProof Prove(int[][] parts)
    {
        var all = Enumerable.Range(0, parts.Length).ToArray();
        int[][] heldBack = [.. all.Select(part => new[] { part }), .. all.SelectMany(part => all[(part + 1)..].Select(other => new[] { part, other }))];
        var pools = Array.ConvertAll(heldBack, held => Pools([.. parts.Where((_, part) => !held.Contains(part)).SelectMany(p => p)], Name(held)));
        var judged = new AlertSeries[heldBack.Length][][];
        Parallel.For(0, heldBack.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => judged[i] = Judge(pools[i], parts, heldBack[i]));
        double[] thresholds = [.. all.Select(part => Threshold([.. heldBack.Zip(judged)
            .Where(h => h.First.Length > 1 && h.First.Contains(part)).SelectMany(h => h.Second[h.First[0] == part ? 1 : 0])]))];
        var compared = all.SelectMany(part => parts[part].Zip(judged[part][0]).Select(u => new JudgedSeries(
            data.Recordings[u.First], data.Judged(u.First, before).At(model.Sensor.Threshold), u.Second.At(thresholds[part])))).ToArray();
        AlertSeries[] unseen = [.. all.SelectMany(part => judged[part][0])];
        return new HeldBackProof(new Comparison(compared, thresholds), Threshold(unseen), LogisticFit.Of([.. unseen.SelectMany(Classified)]));
    }

    /// <summary>Trains on all recordings.</summary>
    public IReadOnlyList<LoraFactors> Train() => Train(Pools([.. Enumerable.Range(0, data.Recordings.Count)], "in all"), "all recordings");

    private static double Threshold(IReadOnlyList<AlertSeries> series) => ThresholdChoice.Choose(series, LowestThreshold, HighestThreshold).Threshold;

    /// <summary>The scores of the hops that are in a class.</summary>
    private static IEnumerable<(double Score, bool Anomalous)> Classified(AlertSeries series) => series.Ends.Zip(series.Scores)
        .Select(hop => (Score: hop.Second, RecordedWindows.Classify(series.Labels, hop.First).Class))
        .Where(hop => hop.Class != WindowClass.Ignored).Select(hop => (hop.Score, hop.Class == WindowClass.Candidate));

    private static string Name(int[] heldBack) => $"without part {string.Join(" and ", heldBack.Select(part => part + 1))}";

    private IReadOnlyList<LoraFactors> Train(WindowPool[] pools, string name)
    {
        using var adapted = new AdapterTrainer(model, plan, pools).Run(Seed, log.Start($"{name}: step", plan.Steps));
        return adapted.Factors;
    }

    /// <summary>Trains on what these parts have no share in, and lets the gateway's engine judge each of them, from the adapter's files.</summary>
    private AlertSeries[][] Judge(WindowPool[] pools, int[][] parts, int[] heldBack)
    {
        var name = Name(heldBack);
        var folder = Directory.CreateTempSubdirectory("phitrain-").FullName;
        try
        {
            LoraWriter.Write(folder, AdapterFolder.WeightsName, Train(pools, name), plan.Alpha);
            var numbers = data.Numbers(heldBack.SelectMany(part => parts[part]), _ => true);
            var scores = model.Score(data.Windows, numbers, folder, log.Start($"{name}: window judged", numbers.Length));
            return [.. heldBack.Select(part => parts[part].Select(r => data.Judged(r, scores)).ToArray())];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// What is learnt from these recordings: of each event the windows that the base model scores highest, and all normal ones. A set has its share however many windows it
    /// has.
    /// </summary>
    private WindowPool[] Pools(int[] recordings, string name)
    {
        var sets = recordings.GroupBy(r => data.Recordings[r].Labels.Set).Select(set => (Weight: weights[set.Key], Positives: Positives(set), Normals: data.Numbers(set, c => c == WindowClass.Normal))).ToArray();
        var (positives, normals) = (sets.Where(s => s.Positives.Length > 0).ToArray(), sets.Where(s => s.Normals.Length > 0).ToArray());
        if (positives.Length == 0 || normals.Length == 0)
        {
            throw new InvalidDataException(positives.Length == 0
                ? $"No window of the recordings {name} shows an event after the warm-up, so there is one class only; label events in at least four recordings, which may be parts of a long one."
                : $"No window of the recordings {name} is normal, so there is one class only; add recordings of normal operation.");
        }

        var generated = Enumerable.Range(0, data.Generated.Count).Where(i => data.Generated.Classes[i] == WindowClass.Normal).ToArray();
        return
        [
            .. positives.Select(s => new WindowPool(data.Windows, s.Positives, plan.Positives * s.Weight / positives.Sum(p => p.Weight), Target: 1)),
            .. normals.Select(s => new WindowPool(data.Windows, s.Normals, (1 - plan.Positives - plan.Generated) * s.Weight / normals.Sum(n => n.Weight), Target: 0)),
            new WindowPool(data.Generated, generated, plan.Generated, Target: 0),
        ];
    }

    private int[] Positives(IEnumerable<int> recordings) =>
        [.. data.Numbers(recordings, c => c == WindowClass.Candidate).GroupBy(i => data.Windows.Events[i]).SelectMany(e => e.OrderByDescending(i => before[i]).Take(plan.BestPerEvent))];
}
