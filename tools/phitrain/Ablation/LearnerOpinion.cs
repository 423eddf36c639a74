using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Ablation;

/// <summary>What a learner says of the held-out series, which its threshold is chosen on, and of recordings.</summary>
internal sealed class LearnerOpinion
{
    /// <summary>A learner that learnt nothing gives scores about log .3, below the thresholds that are tried for a model.</summary>
    private const double LowestThreshold = -3;

    private readonly ScoredSeries[] heldOut;
    private readonly (RecordedDigits Recording, double[] LogOdds)[] recorded;

    private LearnerOpinion(ScoredSeries[] heldOut, (RecordedDigits Recording, double[] LogOdds)[] recorded) => (this.heldOut, this.recorded) = (heldOut, recorded);

    public IEnumerable<LabelledRecording> Recordings => recorded.Select(r => r.Recording.Recording);

    /// <summary>Asks the learner about every window.</summary>
    /// <exception cref="FormatException">A recording cannot be read, or its labels do not fit it.</exception>
    public static LearnerOpinion Of(DigitLearner learner, DigitChoice digits, WindowFile data, HeldOutSeries heldOut, IReadOnlyList<LabelledRecording> recordings, ProgressLog log)
    {
        var sensor = SensorModelWriter.Describe(data.Edges, 0);
        var scored = heldOut.Score(series =>
        {
            var windows = WindowFactory.ToDigits([series], data.Edges);
            return learner.Score(Enumerable.Range(0, windows.Count).Select(i => digits.Of(windows, i)));
        });
        var part = log.Start("recordings judged:", recordings.Count);
        var recorded = new (RecordedDigits Recording, double[] LogOdds)[recordings.Count];
        for (var i = 0; i < recorded.Length; i++)
        {
            var recording = RecordedDigits.Read(recordings[i], sensor, digits);
            recorded[i] = (recording, learner.Score(recording.Windows.Select(w => w.Digits)));
            part.Report(i + 1);
        }

        return new LearnerOpinion(scored, recorded);
    }

    /// <summary>The threshold, chosen as the model's.</summary>
    /// <param name="sensor">How score and gate are put together.</param>
    public ThresholdChoice ChooseThreshold(SensorModel sensor) => ThresholdChoice.Choose([.. heldOut.Select(s => s.Judged(sensor))], LowestThreshold);

    /// <summary>What is found in each recording at the threshold of <paramref name="sensor"/>.</summary>
    public IReadOnlyList<SeriesScore> Scores(SensorModel sensor) => [.. recorded.Select(r => r.Recording.Judged(r.LogOdds, sensor).At(sensor.Threshold))];
}
