using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>What held-back devices showed.</summary>
/// <param name="Comparison">Each adapter has the threshold that was chosen on the recordings that it was trained on.</param>
/// <param name="Threshold">The choice on all held-back scores. An adapter parts the recordings that it was trained on so well that nearly any threshold will do there; these scores are as unseen devices have them.</param>
/// <param name="Calibration">Fitted to the held-back scores.</param>
internal sealed record HeldBackProof(Comparison Comparison, double Threshold, ScoreCalibration Calibration);

/// <summary>Makes adapters for a base model from a site's recordings, and proves what they are worth on devices that they were not trained on.</summary>
internal sealed class SiteAdapter(BaseModel model, SiteData data, AdapterPlan plan, ProgressLog log)
{
    private const double LowestThreshold = -4;
    private const double HighestThreshold = 8;
    private const ulong Seed = 1;

    private readonly float[] before = model.Score(data.Windows, null, log.Start("base model: window judged", data.Windows.Count));

    /// <summary>Adapters trained on one half of the devices and judged on the other, both ways.</summary>
    public HeldBackProof Prove(int[][] halves)
    {
        var (scores, pools) = (new float[halves.Length][], halves.Select((half, i) => Pools(half, NameOf(i))).ToArray());
        Parallel.For(0, halves.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => scores[i] = Score(Train(pools[i], NameOf(i)), NameOf(i)));
        var (judged, unseen, thresholds) = (new List<JudgedSeries>(), new List<AlertSeries>(), new List<double>());
        foreach (var (half, after) in scores.Index())
        {
            var threshold = Threshold([.. halves[half].Select(r => data.Judged(r, after))]);
            thresholds.Add(threshold);
            foreach (var recording in halves[1 - half])
            {
                unseen.Add(data.Judged(recording, after));
                judged.Add(new JudgedSeries(data.Recordings[recording], data.Judged(recording, before).At(model.Sensor.Threshold), unseen[^1].At(threshold)));
            }
        }

        return new HeldBackProof(new Comparison(judged, thresholds), Threshold(unseen), LogisticFit.Of([.. unseen.SelectMany(Classified)]));
    }

    /// <summary>Trains on all recordings.</summary>
    public IReadOnlyList<LoraFactors> Train() => Train(Pools([.. Enumerable.Range(0, data.Recordings.Count)], "all"), "all");

    private static double Threshold(IReadOnlyList<AlertSeries> series) => ThresholdChoice.Choose(series, LowestThreshold, HighestThreshold).Threshold;

    /// <summary>The scores of the hops that are in a class.</summary>
    private static IEnumerable<(double Score, bool Anomalous)> Classified(AlertSeries series) => series.Ends.Zip(series.Scores)
        .Select(hop => (Score: hop.Second, RecordedWindows.Classify(series.Labels, hop.First).Class))
        .Where(hop => hop.Class != WindowClass.Ignored).Select(hop => (hop.Score, hop.Class == WindowClass.Candidate));

    private static string NameOf(int half) => half == 0 ? "one half" : "the other half";

    private IReadOnlyList<LoraFactors> Train(AdapterPools pools, string name)
    {
        using var adapted = new AdapterTrainer(model, plan, pools).Run(Seed, log.Start($"{name}: step", plan.Steps));
        return adapted.Factors;
    }

    /// <summary>Scores of all windows by the gateway's engine, from an adapter's files.</summary>
    private float[] Score(IReadOnlyList<LoraFactors> factors, string name)
    {
        var folder = Directory.CreateTempSubdirectory("phitrain-").FullName;
        try
        {
            LoraWriter.Write(folder, AdapterFolder.WeightsName, factors, AdaptedModel.Alpha);
            return model.Score(data.Windows, folder, log.Start($"{name}: window judged", data.Windows.Count));
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
                ? $"In {name} of the recordings no window shows an event after the warm-up, so there is one class only; label events on at least two devices, or in two files of one."
                : $"In {name} of the recordings no window is normal, so there is one class only; add recordings of normal operation.");
        }

        var generated = Enumerable.Range(0, data.Generated.Count).Where(i => data.Generated.Classes[i] == WindowClass.Normal).ToArray();
        return new AdapterPools(new WindowPool(data.Windows, positives), new WindowPool(data.Windows, normals), new WindowPool(data.Generated, generated));
    }
}
