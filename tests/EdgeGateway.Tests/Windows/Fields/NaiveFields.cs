using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>
/// The recipe's section 2 once more, by definition and over the whole history: nothing is kept up, everything is computed
/// again at each hop end. For series below 5,000 samples, where the forgetting has not begun.
/// </summary>
internal sealed class NaiveFields
{
    private readonly NaiveSamples samples = new();
    private readonly NaiveHops hops = new();

    /// <summary>The fields of every hop end that has some, by the number of pushes so far.</summary>
    public static List<(int Pushes, double[] Raw)> Of(IReadOnlyList<(double Seconds, double Value)> series)
    {
        var naive = new NaiveFields();
        var fields = new List<(int, double[])>();
        for (var i = 0; i < series.Count; i++)
        {
            naive.samples.Add(series[i].Value, series[i].Seconds, naive.hops);
            if ((i + 1) % 10 == 0 && naive.samples.X.Count > 0)
                fields.Add((i + 1, naive.EndHop()));
        }
        return fields;
    }

    private double[] EndHop()
    {
        var had = !double.IsNaN(hops.Lag("med120", 0));
        hops.Begin();
        Baselines();
        Levels();
        Peaks(had);
        Ratios();
        Shares();
        Steps();
        hops.Clip();
        hops.Surprises();
        hops.Past();
        samples.BeginHop(hops, hops["floor"]);
        return [.. SensorFields.Names.Select(name => hops[name])];
    }

    private void Baselines()
    {
        hops["sd"] = Plain.WholeDeviation(samples.X);
        hops["tiny"] = 1e-12 + 1e-9 * Math.Abs(samples.Raw);
        hops["floor"] = 0.05 * hops["sd"] + hops["tiny"];
        hops["q"] = 0.02 * Plain.WholeDeviation(samples.D) + hops["tiny"];
        hops["usual_d"] = samples.D.Count >= 20 ? Plain.Median(samples.D.Last(360).Select(Math.Abs)) : 0;
        foreach (var length in new[] { 120, 360, 1440 })
        {
            var window = samples.X.Last(length).Order().ToList();
            var enough = window.Count >= 30;
            var median = enough ? Plain.Median(window) : double.NaN;
            var spread = 1.4826 * Plain.Median(window.Select(x => Math.Abs(x - median)));
            hops[$"med{length}"] = median;
            hops[$"sc{length}"] = enough ? new[] { spread, hops["floor"], 0.5 * hops["usual_d"] }.Max() : double.NaN;
            hops["q02"] = enough ? window[(int)Math.Floor(0.02 * (window.Count - 1) + 0.5)] : double.NaN;
            hops["q98"] = enough ? window[(int)Math.Floor(0.98 * (window.Count - 1) + 0.5)] : double.NaN;
        }
    }

    private void Levels()
    {
        var (mean15, mean60) = (samples.X.Last(15).Average(), samples.X.Last(60).Average());
        hops["L15_120"] = (mean15 - hops.Lag("med120", 2)) / hops.Lag("sc120", 2);
        hops["L15_1440"] = (mean15 - hops.Lag("med1440", 2)) / hops.Lag("sc1440", 2);
        hops["L60_360"] = (mean60 - hops.Lag("med360", 6)) / hops.Lag("sc360", 6);
        hops["L60_1440"] = (mean60 - hops.Lag("med1440", 6)) / hops.Lag("sc1440", 6);
        hops["slope60"] = Plain.Slope(samples.X.Last(60), 60) * 60 / hops.Lag("sc360", 6);
        hops["slope180"] = Plain.Slope(samples.X.Last(180), 180) * 180 / hops.Lag("sc1440", 6);
        var (low, high) = (hops.Lag("q02", 6), hops.Lag("q98", 6));
        hops["out98"] = Math.Max(mean15 - high, low - mean15) / (high - low + hops["floor"]);
        (hops["seas"], hops["seas_min"]) = (samples.Season.Distance, samples.Season.Nearest);
    }

    private void Peaks(bool had)
    {
        hops["far120"] = samples.ThisHop(samples.Z120).Count(z => Math.Abs(z) > 3.5);
        hops["far1440"] = samples.ThisHop(samples.Z1440).Count(z => Math.Abs(z) > 3.5);
        var peaks = new Dictionary<string, double>
        {
            ["zmax_360"] = samples.ThisHop(samples.Z360).Max(Math.Abs),
            ["zmax_1440"] = samples.ThisHop(samples.Z1440).Max(Math.Abs),
            ["hold10_1440"] = samples.LargestHeld(samples.Z1440),
            ["ewma"] = samples.LargestHeld(samples.Chart),
            ["cusum2"] = samples.ThisHop(samples.Cusum).Max(),
            ["dmax"] = samples.ThisHop(samples.DifferenceRatio).Max(),
            ["hres_max"] = samples.ThisHop(samples.ErrorRatio).Max(),
            ["hres_mean"] = samples.ErrorRatio.Last(15).Average(),
            ["cnt35"] = hops.Present("far120", 0, 6).Sum(),
            ["cnt35_1440"] = hops.Present("far1440", 0, 6).Sum(),
            ["rec35"] = hops.Present("far120", 0, 72).Average() / 10,
        };
        foreach (var (name, value) in peaks)
            hops[name] = had ? value : double.NaN;
    }

    private void Ratios()
    {
        var d = samples.D.Last(21);
        var rough = d.Count == 21 ? d.Skip(1).Zip(d, (later, earlier) => Math.Abs(later - earlier)).Average() : double.NaN;
        Ratio("nr12", Plain.Deviation(samples.D.Last(12), 12), 2, 72, 3);
        Ratio("nr60", Plain.Deviation(samples.D.Last(60), 30), 6, 144, 3);
        Ratio("sr30", Plain.Deviation(samples.X.Last(30), 15), 3, 144, 6);
        Ratio("rough", rough, 2, 144, 3);
    }

    private void Ratio(string name, double now, int lag, int count, int needed)
    {
        hops["spread of " + name] = now;
        var past = hops.Present("spread of " + name, lag, count);
        hops[name] = past.Count >= needed ? Math.Log2((now + hops["q"]) / (Plain.Median(past) + hops["q"])) : double.NaN;
    }

    private void Shares()
    {
        var count = samples.X.Count;
        foreach (var length in new[] { 12, 60 })
        {
            double known = Math.Min(length, count) - samples.Missing.CountLast(length);
            hops[$"rep{length}"] = known >= Math.Min(length, count) / 4.0 ? samples.Repeat.CountLast(length) / known : double.NaN;
        }
        hops["miss60"] = samples.Missing.CountLast(60) / (double)Math.Min(60, count);
        hops["flat"] = Math.Log2(1 + samples.FlatRun());
        hops["crossings"] = count >= 40 ? samples.Crossing.CountLast(40) / 40.0 : double.NaN;
        var past = hops.Present("crossings", 4, 72);
        hops["zc"] = past.Count >= 6 ? hops["crossings"] - Plain.Median(past) : double.NaN;
    }

    private void Steps()
    {
        double Between(int ago) => Math.Abs(
            Plain.Median(samples.X.SkipLast(ago).TakeLast(8)) - Plain.Median(samples.X.SkipLast(ago + 8).TakeLast(8)));
        hops["step"] = samples.X.Count >= 30 ? Math.Max(Between(0), Between(5)) / hops.Lag("sc120", 2) : double.NaN;
        hops["step60"] = hops.Present("step", 0, 6).DefaultIfEmpty(double.NaN).Max();
    }
}
