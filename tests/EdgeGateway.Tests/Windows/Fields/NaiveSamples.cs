namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>Every sample of a series and what the recipe computes for each, kept for ever.</summary>
internal sealed class NaiveSamples
{
    private double first;
    private double level;
    private double trend;
    private double forecast;
    private double usualError = 1;
    private double average;
    private double up;
    private double down;
    private int side;
    private int hopStart;

    public double Raw { get; private set; }

    public List<double> X { get; } = [];

    public List<double> D { get; } = [];

    public List<double> Z120 { get; } = [];

    public List<double> Z360 { get; } = [];

    public List<double> Z1440 { get; } = [];

    public List<double> Chart { get; } = [];

    public List<double> Cusum { get; } = [];

    public List<double> DifferenceRatio { get; } = [];

    public List<double> Error { get; } = [];

    public List<double> ErrorRatio { get; } = [];

    public List<bool> Missing { get; } = [];

    public List<bool> Repeat { get; } = [];

    public List<bool> Crossing { get; } = [];

    public NaiveSeason Season { get; } = new();

    public void Add(double value, double seconds, NaiveHops hops)
    {
        var missing = !double.IsFinite(value) || Math.Abs(value) > 1e15;
        if (X.Count == 0 && missing)
            return;
        first = X.Count == 0 ? value : first;
        Missing.Add(missing);
        Repeat.Add(X.Count > 0 && !missing && value == Raw);
        Raw = missing ? Raw : value;
        X.Add(Raw - first);
        if (X.Count > 1)
            D.Add(X[^1] - X[^2]);
        var (sd, tiny) = (hops.Lag("sd", 0), hops.Lag("tiny", 0));
        (sd, tiny) = double.IsNaN(tiny) ? (0, 1e-12) : (sd, tiny);
        if (!missing && double.IsFinite(seconds))
            Season.Add(X[^1], seconds, 0.05 * sd + tiny);
        var usual = hops.Lag("usual_d", 0);
        DifferenceRatio.Add(X.Count == 1 ? 0 : Math.Abs(D[^1]) / (Math.Max(double.IsNaN(usual) ? 0 : usual, 0.02 * sd) + tiny));
        Charts(hops);
        Foretell();
        Cross(tiny);
    }

    public void BeginHop(NaiveHops hops, double floor)
    {
        usualError = (Error.Count >= 20 ? 1.4826 * Plain.Median(Error.Last(360)) : hops["sd"]) + 0.2 * floor;
        hopStart = X.Count;
    }

    public List<double> ThisHop(List<double> values) => values[hopStart..];

    /// <summary>Over the samples of the hop the largest of the smallest absolute value of ten.</summary>
    public double LargestHeld(List<double> values) => Enumerable.Range(hopStart, X.Count - hopStart)
        .Where(at => at >= 9)
        .Select(at => values[(at - 9)..(at + 1)].Min(Math.Abs))
        .DefaultIfEmpty(0)
        .Max();

    public int FlatRun()
    {
        var run = 0;
        for (var i = X.Count - 1; i >= 0 && (Repeat[i] || Missing[i]); i--)
            run += Repeat[i] ? 1 : 0;
        return run;
    }

    private void Charts(NaiveHops hops)
    {
        double Score(int length) => double.IsNaN(hops.Lag($"med{length}", 0))
            ? 0
            : Math.Clamp((X[^1] - hops.Lag($"med{length}", 0)) / hops.Lag($"sc{length}", 0), -1e6, 1e6);
        Z120.Add(Score(120));
        Z360.Add(Score(360));
        Z1440.Add(Score(1440));
        average = 0.8 * average + 0.2 * Math.Clamp(Z120[^1], -50, 50);
        Chart.Add(3 * Math.Abs(average));
        var u = Math.Clamp(Z1440[^1], -10, 10);
        (up, down) = (Math.Max(0, up + u - 2), Math.Max(0, down - u - 2));
        Cusum.Add(Math.Max(up, down));
        (up, down) = (up > 200 ? 0 : up, down > 200 ? 0 : down);
    }

    private void Foretell()
    {
        Error.Add(X.Count == 1 ? 0 : Math.Abs(X[^1] - forecast));
        ErrorRatio.Add(Math.Clamp(Error[^1] / usualError, 0, 1e6));
        if (X.Count == 1)
            level = trend = X[^1];
        level = 0.7 * level + 0.3 * X[^1];
        trend = 0.7 * trend + 0.3 * level;
        forecast = 2 * level - trend + 3.0 / 7.0 * (level - trend);
    }

    private void Cross(double tiny)
    {
        var above = X[^1] - X.Last(15).Average();
        var now = above > tiny ? 1 : above < -tiny ? -1 : 0;
        Crossing.Add(X.Count > 1 && now != side);
        side = now;
    }
}
