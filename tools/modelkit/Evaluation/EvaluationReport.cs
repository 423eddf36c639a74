using EdgeGateway.Replay;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>A figure and its 95 % bootstrap interval over series; null where there is none.</summary>
internal sealed record Figure(double? Value, double? Low, double? High)
{
    /// <summary>A figure that may be NaN.</summary>
    public static Figure Of(double value, Interval interval) => new(Known(value), Known(interval.Low), Known(interval.High));

    /// <summary>Null for what is no finite number.</summary>
    public static double? Known(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>Figures of one judge on one set.</summary>
/// <param name="JudgedWindows">Windows that the model judged; null where it was not asked.</param>
/// <param name="AlertBytes">What would have been sent; null for statistics that write no alerts.</param>
internal sealed record JudgeFigures(
    string Judge, long? JudgedWindows, int Alerts, int Detected, int FalseAlerts, Figure Precision, Figure Recall, Figure F1, Figure FalsePerThousandWindows, Figure FalsePerSensorDay, Figure MedianDelay, long? AlertBytes);

/// <summary>Figures of one set. Without a scored event precision, recall, F1 and delay have no value, and every alert counts as false.</summary>
/// <param name="Windows">Windows closed, of all sensors.</param>
/// <param name="PayloadBytes">Payloads as a gateway would have received them.</param>
internal sealed record SetFigures(string Set, int Series, int Sensors, long Rows, long Windows, int Events, long PayloadBytes, IReadOnlyList<JudgeFigures> Judges);

/// <summary>Mean F1 of one judge over the sets with events.</summary>
internal sealed record MeanFigures(string Judge, Figure MeanF1);

/// <summary>Confidence of the judged windows of labelled series against their labels.</summary>
internal sealed record CalibrationFigures(long Windows, double? ExpectedError, IReadOnlyList<ReliabilityBin> Bins);

/// <summary>How often detected events of a labelled kind were named so by their first alert.</summary>
internal sealed record KindCount(string Labelled, string Named, int Events);

/// <summary>What it took.</summary>
/// <param name="VerdictsPerSecond">One caller, all callers at work.</param>
/// <param name="ModelMegabytes">Resident memory that loading and one verdict took; 0 where it cannot be told.</param>
internal sealed record SpeedFigures(long Verdicts, double? VerdictsPerSecond, int Callers, double Seconds, double ModelMegabytes, double PeakMegabytes);

/// <summary>All that an evaluation says.</summary>
/// <param name="Means">Empty without a set that has events.</param>
/// <param name="ShippedMinusGate">Paired difference of mean F1: both on the same resampled series.</param>
/// <param name="Kinds">Empty where no labels name kinds.</param>
internal sealed record EvaluationReport(
    string Model, IReadOnlyList<SetFigures> Sets, IReadOnlyList<MeanFigures> Means, Figure ShippedMinusGate, CalibrationFigures Calibration, IReadOnlyList<KindCount> Kinds, SpeedFigures Speed)
{
    /// <summary>Mean F1 of what is shipped; null without a set that has events.</summary>
    public double? ShippedMeanF1 => Means.FirstOrDefault(m => m.Judge == SeriesEvaluation.Shipped)?.MeanF1.Value;

    /// <summary>Sums up what was found in the series.</summary>
    public static EvaluationReport Of(string model, IReadOnlyList<EvaluatedSeries> series, SpeedFigures speed)
    {
        var sets = series.GroupBy(s => s.Labels.Set).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, Series: s.ToArray())).ToArray();
        var scored = sets.Where(s => s.Series.Any(x => x.Judged[0].Score.Events > 0)).Select(s => s.Series).ToArray();
        var (means, difference) = MeansOf(scored);
        var reliability = new Reliability();
        foreach (var one in series)
        {
            reliability.Add(one.Reliability);
        }

        return new EvaluationReport(
            model,
            [.. sets.Select(s => Set(s.Key, s.Series))],
            means,
            difference,
            new CalibrationFigures(reliability.Windows, Figure.Known(reliability.ExpectedError), [.. reliability.Bins]),
            [.. series.SelectMany(s => s.Kinds).GroupBy(k => k).Select(k => new KindCount(k.Key.Labelled, k.Key.Named, k.Count())).OrderBy(k => (k.Labelled, k.Named))],
            speed);
    }

    private static SetFigures Set(string name, EvaluatedSeries[] series) => new(
        name, series.Length, series.Sum(s => s.Labels.Columns.Length), series.Sum(s => (long)s.Rows), series.Sum(s => s.Windows),
        series.Sum(s => s.Judged[0].Score.Events), series.Sum(s => s.PayloadBytes),
        [.. SeriesEvaluation.Judges.Select((judge, i) => Judge(judge, [.. series.Select(s => s.Judged[i])]))]);

    private static JudgeFigures Judge(string name, JudgedSeries[] series)
    {
        SeriesScore[] scores = [.. series.Select(s => s.Score)];
        var (sum, resampled) = (SeriesScore.Sum(scores), Bootstrap.Sums(scores));
        var hasEvents = sum.Events > 0;
        Figure Of(Func<SeriesScore, double> figure, bool known) => known ? Figure.Of(figure(sum), Bootstrap.Middle(resampled.Select(figure))) : new Figure(null, null, null);
        return new JudgeFigures(
            name, series[0].JudgedWindows is null ? null : series.Sum(s => s.JudgedWindows), sum.Alerts, sum.Detected, sum.False, Of(s => s.Precision, hasEvents), Of(s => s.Recall, hasEvents), Of(s => s.F1, hasEvents),
            Of(s => s.FalsePerThousand, true), Of(s => s.FalsePerSensorDay, true), Of(s => s.MedianDelay, hasEvents), series[0].AlertBytes is null ? null : series.Sum(s => s.AlertBytes));
    }

    private static (IReadOnlyList<MeanFigures> Means, Figure Difference) MeansOf(EvaluatedSeries[][] sets)
    {
        if (sets.Length == 0)
        {
            return ([], new Figure(null, null, null));
        }

        double[] Means(Func<SeriesScore[], int, SeriesScore> sum) => [.. SeriesEvaluation.Judges.Select((_, judge) =>
            sets.Select((series, set) => sum([.. series.Select(s => s.Judged[judge].Score)], set).F1).Where(f => !double.IsNaN(f)).DefaultIfEmpty(double.NaN).Average())];
        var value = Means((scores, _) => SeriesScore.Sum(scores));
        var resampled = Bootstrap.Draws([.. sets.Select(s => s.Length)]).Select(draw => Means((scores, set) => Bootstrap.Sum(scores, draw[set]))).ToArray();
        var (shipped, gate) = (SeriesEvaluation.ShippedPlace, SeriesEvaluation.GatePlace);
        return (
            [.. SeriesEvaluation.Judges.Select((judge, i) => new MeanFigures(judge, Figure.Of(value[i], Bootstrap.Middle(resampled.Select(r => r[i])))))],
            Figure.Of(value[shipped] - value[gate], Bootstrap.Middle(resampled.Select(r => r[shipped] - r[gate]))));
    }
}
