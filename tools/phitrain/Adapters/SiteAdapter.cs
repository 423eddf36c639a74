using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>An adapter that was trained on some recordings, and its scores of all windows of the site.</summary>
/// <param name="Threshold">Chosen on the recordings that it was trained on.</param>
internal sealed record TrainedAdapter(IReadOnlyList<LoraFactors> Factors, double Threshold, float[] Scores);

/// <summary>Makes adapters for a base model from a site's recordings, and proves what they are worth on devices that they were not trained on.</summary>
internal sealed class SiteAdapter(BaseModel model, SiteData data, AdapterPlan plan, ProgressLog log)
{
    private const double LowestThreshold = -4;
    private const double HighestThreshold = 8;
    private const ulong Seed = 1;

    private readonly float[] before = model.Score(data.Windows, null);

    /// <summary>Adapters trained on one half of the devices and judged on the other, both ways.</summary>
    /// <param name="calibration">Fitted to the held-back scores.</param>
    public Comparison Prove(int[][] halves, out ScoreCalibration calibration)
    {
        var (trained, pools) = (new TrainedAdapter[halves.Length], halves.Select((half, i) => Pools(half, NameOf(i))).ToArray());
        Parallel.For(0, halves.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => trained[i] = Train(halves[i], pools[i], NameOf(i)));
        var (judged, hops) = (new List<JudgedSeries>(), new List<(double Score, bool Anomalous)>());
        foreach (var (half, adapter) in trained.Index())
        {
            foreach (var recording in halves[1 - half])
            {
                var after = data.Judged(recording, adapter.Scores);
                judged.Add(new JudgedSeries(data.Recordings[recording], data.Judged(recording, before).At(model.Sensor.Threshold), after.At(adapter.Threshold)));
                hops.AddRange(after.Ends.Zip(after.Scores)
                    .Select(hop => (Score: hop.Second, Class: RecordedWindows.Classify(after.Labels, hop.First).Class))
                    .Where(hop => hop.Class != WindowClass.Ignored).Select(hop => (hop.Score, hop.Class == WindowClass.Candidate)));
            }
        }

        calibration = LogisticFit.Of(hops);
        return new Comparison(judged, [.. trained.Select(t => t.Threshold)]);
    }

    /// <summary>Trains on these recordings and chooses the threshold on them.</summary>
    public TrainedAdapter Train(int[] recordings, string name) => Train(recordings, Pools(recordings, name), name);

    private static string NameOf(int half) => half == 0 ? "one half" : "the other half";

    private TrainedAdapter Train(int[] recordings, AdapterPools pools, string name)
    {
        using var adapted = new AdapterTrainer(model, plan, pools).Run(Seed, log.Start($"{name}: step", plan.Steps));
        var (factors, folder) = (adapted.Factors, Directory.CreateTempSubdirectory("phitrain-").FullName);
        try
        {
            LoraWriter.Write(folder, AdapterFolder.WeightsName, factors, AdaptedModel.Alpha);
            var scores = model.Score(data.Windows, folder);
            var choice = ThresholdChoice.Choose([.. recordings.Select(r => data.Judged(r, scores))], LowestThreshold, HighestThreshold);
            return new TrainedAdapter(factors, choice.Threshold, scores);
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
