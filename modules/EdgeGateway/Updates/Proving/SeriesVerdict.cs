using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Proving;

/// <summary>What a model says of a window of a series.</summary>
/// <param name="End">Samples up to the window's end, this one included.</param>
/// <param name="Label">The kind of the label with the highest probability.</param>
/// <param name="Margin">By how much that is above the second.</param>
internal readonly record struct SeriesVerdict(int End, string Label, double Margin)
{
    /// <summary>Every verdict of a model, without the gate's share, on the one series of these samples, which goes the whole way of a reading.</summary>
    public static IReadOnlyList<SeriesVerdict> Of(JudgedModel judged, IEnumerable<RecordedRow> series, CancellationToken token)
    {
        List<SeriesVerdict> verdicts = [];
        using var asked = new LastAnswer(judged.Model!, judged.Sensor.Labels.Length);
        var judge = new WindowJudge(asked, judged.Sensor.WithoutGate, new Accounting());
        var settings = ReplaySettings.For("golden", ["value"]);
        var replay = new SeriesReplay("golden", ["value"], settings, new Accounting(), ReplayRun.NewChain(settings, judged.Sensor, judge, new Accounting()));
        judge.Judged = (_, verdict) =>
        {
            if (verdict.NotJudged is null)
            {
                var (label, margin) = asked.Best();
                verdicts.Add(new SeriesVerdict(replay.Rows + 1, judged.Sensor.Labels[label].Kind, margin));
            }
        };
        foreach (var row in series)
        {
            token.ThrowIfCancellationRequested();
            replay.Add(row, (_, _) => { });
        }

        return verdicts;
    }

    /// <summary>Remembers the probabilities that a model gave last.</summary>
    private sealed class LastAnswer(IVerdictModel model, int labels) : IVerdictModel
    {
        private readonly float[] last = new float[labels];

        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            model.Judge(prompt, probabilities);
            probabilities.CopyTo(last);
        }

        public (int Label, double Margin) Best()
        {
            var order = Enumerable.Range(0, last.Length).OrderByDescending(i => last[i]).ToArray();
            return (order[0], last[order[0]] - last[order[1]]);
        }

        public void Dispose()
        {
            // the model is its owner's
        }
    }
}
