namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>Every quantity of every hop end by name, and what the recipe makes of them: surprises and the recent past.</summary>
internal sealed class NaiveHops
{
    private static readonly string[] WithHistory =
        ("L15_120 L60_360 L60_1440 zmax_1440 hold10_1440 cnt35 ewma cusum2 slope60 slope180 nr12 nr60 sr30 rough rep12 flat "
        + "step dmax hres_max hres_mean seas out98").Split(' ');

    private readonly List<Dictionary<string, double>> hops = [];

    /// <summary>A quantity of the hop that ends just now.</summary>
    public double this[string name]
    {
        get => hops[^1][name];
        set => hops[^1][name] = value;
    }

    public void Begin() => hops.Add([]);

    public double Lag(string name, int lag) => lag < hops.Count ? hops[^(lag + 1)].GetValueOrDefault(name, double.NaN) : double.NaN;

    public List<double> Present(string name, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(lag => Lag(name, lag)).Where(value => !double.IsNaN(value))];

    public void Clip()
    {
        foreach (var name in WithHistory.Concat(["zmax_360", "cnt35_1440", "rec35", "rep60", "miss60", "step60", "L15_1440", "zc", "seas_min"]))
            this[name] = Math.Clamp(this[name], -1e6, 1e6);
    }

    public void Surprises()
    {
        foreach (var name in WithHistory)
            this["s_" + name] = Surprise(name);
        var known = WithHistory.Select(name => this["s_" + name]).Where(value => !double.IsNaN(value)).OrderDescending().ToList();
        var enough = known.Count >= 8;
        this["n_s2"] = enough ? known.Count(value => value > 2) : double.NaN;
        this["s_top1"] = enough ? known[0] : double.NaN;
        this["s_top5"] = enough ? known[4] : double.NaN;
    }

    public void Past()
    {
        this["rec_s2"] = Present("n_s2", 12, 72).MeanOr(double.NaN, needed: 6);
        this["rec_nr"] = Present("nr60", 12, 72).DefaultIfEmpty(double.NaN).Max();
        this["rec_flat"] = Present("rep60", 12, 72).Select(share => share > 0.9 ? 1.0 : 0).ToList().MeanOr(double.NaN);
    }

    // Below 2,500 values no histogram is halved, so counting the past is the same.
    private double Surprise(string name)
    {
        var past = Present(name, 6, hops.Count);
        if (double.IsNaN(this[name]) || past.Count < 12)
            return double.NaN;
        var atLeast = past.Count(value => Bin(name, value) >= Bin(name, this[name]));
        return -Math.Log10((atLeast + 0.5) / (past.Count + 1));
    }

    private static double Bin(string name, double value)
    {
        var octaves = name is "nr12" or "nr60" or "sr30" or "rough" or "flat" ? value : Math.Log2(Math.Abs(value) + 0.001);
        return Math.Clamp(Math.Floor(4 * (octaves + 10) + 1e-9), 0, 99);
    }
}
