using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>What held-back devices showed.</summary>
/// <param name="Comparison">Each adapter has the threshold that was chosen within the half that it was trained on.</param>
/// <param name="Threshold">For an adapter that is trained on all: chosen on all held-back scores.</param>
/// <param name="Calibration">Fitted to the held-back scores.</param>
internal sealed record HeldBackProof(Comparison Comparison, double Threshold, ScoreCalibration Calibration);

/// <summary>Makes adapters for a base model from a site's recordings, and proves what they are worth on devices that they were not trained on.</summary>
internal sealed class SiteAdapter(BaseModel model, SiteData data, AdapterPlan plan, ProgressLog log)
{
    /// <summary>Recordings to train on, and others to judge.</summary>
    private sealed record Fold(string Name, AdapterPools Pools, int[] Unseen);

    private const double LowestThreshold = -4;
    private const double HighestThreshold = 8;
    private const ulong Seed = 1;

    private readonly float[] before = model.Score(data.Windows, [.. Enumerable.Range(0, data.Windows.Count)], null, log.Start("base model: window judged", data.Windows.Count));

    /// <summary>
    /// Adapters trained on one half of the devices and judged on the other, both ways. Their thresholds are chosen within their own halves in the same way: on scores of adapters
    /// that were trained on one half of that half and judge the other.
    /// </summary>
    public HeldBackProof Prove(int[][] halves)
    {
        Fold[] folds = [.. Folds(halves, "half"), .. halves.SelectMany((half, i) => Folds(data.Halves(half), $"half {i + 1}, part"))];
        var judged = new AlertSeries[folds.Length][];
        Parallel.For(0, folds.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => judged[i] = Judge(folds[i]));
        double[] thresholds = [Threshold([.. judged[2], .. judged[3]]), Threshold([.. judged[4], .. judged[5]])];
        var compared = folds.Take(2).SelectMany((fold, i) => fold.Unseen.Zip(judged[i]).Select(u => new JudgedSeries(
            data.Recordings[u.First], data.Judged(u.First, before).At(model.Sensor.Threshold), u.Second.At(thresholds[i])))).ToArray();
        AlertSeries[] unseen = [.. judged[0], .. judged[1]];
        return new HeldBackProof(new Comparison(compared, thresholds), Threshold(unseen), LogisticFit.Of([.. unseen.SelectMany(Classified)]));
    }

    /// <summary>Trains on all recordings.</summary>
    public IReadOnlyList<LoraFactors> Train() => Train(Pools([.. Enumerable.Range(0, data.Recordings.Count)], "all"), "all");

    private static double Threshold(IReadOnlyList<AlertSeries> series) => ThresholdChoice.Choose(series, LowestThreshold, HighestThreshold).Threshold;

    /// <summary>The scores of the hops that are in a class.</summary>
    private static IEnumerable<(double Score, bool Anomalous)> Classified(AlertSeries series) => series.Ends.Zip(series.Scores)
        .Select(hop => (Score: hop.Second, RecordedWindows.Classify(series.Labels, hop.First).Class))
        .Where(hop => hop.Class != WindowClass.Ignored).Select(hop => (hop.Score, hop.Class == WindowClass.Candidate));

    private Fold[] Folds(int[][] halves, string name) =>
        [new Fold($"{name} 1", Pools(halves[0], $"{name} 1"), halves[1]), new Fold($"{name} 2", Pools(halves[1], $"{name} 2"), halves[0])];

    private IReadOnlyList<LoraFactors> Train(AdapterPools pools, string name)
    {
        using var adapted = new AdapterTrainer(model, plan, pools).Run(Seed, log.Start($"{name}: step", plan.Steps));
        return adapted.Factors;
    }

    /// <summary>Trains on a fold and lets the gateway's engine judge its unseen recordings, from the adapter's files.</summary>
    private AlertSeries[] Judge(Fold fold)
    {
        var folder = Directory.CreateTempSubdirectory("phitrain-").FullName;
        try
        {
            LoraWriter.Write(folder, AdapterFolder.WeightsName, Train(fold.Pools, fold.Name), AdaptedModel.Alpha);
            var numbers = data.Numbers(fold.Unseen, _ => true);
            var scores = model.Score(data.Windows, numbers, folder, log.Start($"{fold.Name}: unseen window judged", numbers.Length));
            return [.. fold.Unseen.Select(r => data.Judged(r, scores))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What is learnt from these recordings: of each event the windows that the base model scores highest, and all normal ones.</summary>
    private AdapterPools Pools(int[] recordings, string name)
    {
        var positives = data.Numbers(recordings, c => c == WindowClass.Candidate).GroupBy(i => data.Windows.Events[i])
            .SelectMany(e => e.OrderByDescending(i => before[i]).Take(plan.BestPerEvent)).ToArray();
        var normals = data.Numbers(recordings, c => c == WindowClass.Normal);
        if (positives.Length == 0 || normals.Length == 0)
        {
            throw new InvalidDataException(positives.Length == 0
                ? $"No window of the recordings in {name} shows an event after the warm-up, so there is one class only; label events in at least four recordings, which may be parts of a long one."
                : $"No window of the recordings in {name} is normal, so there is one class only; add recordings of normal operation.");
        }

        var generated = Enumerable.Range(0, data.Generated.Count).Where(i => data.Generated.Classes[i] == WindowClass.Normal).ToArray();
        return new AdapterPools(new WindowPool(data.Windows, positives), new WindowPool(data.Windows, normals), new WindowPool(data.Generated, generated));
    }
}
