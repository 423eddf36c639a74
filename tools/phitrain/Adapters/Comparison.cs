using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>One held-back series, judged by the base model with its threshold and by an adapter with its own.</summary>
internal sealed record JudgedSeries(LabelledRecording Recording, SeriesScore Before, SeriesScore After);

/// <summary>What one judge gave on the series of a set.</summary>
/// <param name="FalsePerSensorDay">False alarms per day of normal samples of one sensor.</param>
internal sealed record Outcome(int Events, int Alerts, double Precision, double Recall, double F1, double FalsePerSensorDay);

/// <summary>Base and adapter on the series of one set.</summary>
internal sealed record SetComparison(string Set, int Series, Outcome Before, Outcome After)
{
    /// <summary>95 % interval of the adapters' precision: bootstrap over series.</summary>
    public double[] PrecisionInterval { get; private init; } = [];

    public static SetComparison WithInterval(string set, IReadOnlyList<JudgedSeries> series)
    {
        var precision = Bootstrap.Middle(Bootstrap.Sums([.. series.Select(s => s.After)]).Select(s => s.Precision));
        return Of(set, series) with { PrecisionInterval = [Math.Round(Number(precision.Low), 4), Math.Round(Number(precision.High), 4)] };
    }

    public static SetComparison Of(string set, IReadOnlyList<JudgedSeries> series) => new(set, series.Count, Of(series, s => s.Before), Of(series, s => s.After));

    private static Outcome Of(IReadOnlyList<JudgedSeries> series, Func<JudgedSeries, SeriesScore> judged)
    {
        var sum = SeriesScore.Sum(series.Select(judged));
        return new Outcome(sum.Events, sum.Alerts, Number(sum.Precision), Number(sum.Recall), Number(sum.F1), Number(sum.FalsePerSensorDay));
    }

    /// <summary>0 where there is nothing to divide by: no alert, no event.</summary>
    private static double Number(double value) => double.IsFinite(value) ? value : 0;
}

/// <summary>Base against adapters on series of devices that these were not trained on.</summary>
/// <param name="Series">Each held back once.</param>
/// <param name="Thresholds">Of the adapters.</param>
internal sealed record Comparison(IReadOnlyList<JudgedSeries> Series, IReadOnlyList<double> Thresholds)
{
    /// <summary>By set, in the order of their names.</summary>
    public IReadOnlyList<SetComparison> Sets { get; } =
        [.. Series.GroupBy(s => s.Recording.Labels.Set).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => SetComparison.WithInterval(s.Key, [.. s]))];

    /// <summary>Mean F1 over the sets that have events.</summary>
    public double Before => Sets.Where(s => s.Before.Events > 0).Average(s => s.Before.F1);

    /// <summary>The same with the adapters.</summary>
    public double After => Sets.Where(s => s.Before.Events > 0).Average(s => s.After.F1);

    /// <summary>95 % interval of the gain in mean F1: paired bootstrap over the series of each set, the same in every run.</summary>
    public Interval Gain()
    {
        var sets = Series.GroupBy(s => s.Recording.Labels.Set).Select(s => s.ToArray()).Where(s => s.Any(x => x.Before.Events > 0)).ToArray();
        return Bootstrap.Middle(Bootstrap.Draws([.. sets.Select(s => s.Length)]).Select(draw =>
            sets.Select((set, i) => SetComparison.Of("", [.. draw[i].Select(place => set[place])])).Average(drawn => drawn.After.F1 - drawn.Before.F1)));
    }
}
