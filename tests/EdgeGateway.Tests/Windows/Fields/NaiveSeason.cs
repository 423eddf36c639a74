namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>The recipe's daily pattern over the whole history.</summary>
internal sealed class NaiveSeason
{
    private readonly Dictionary<long, double> closed = [];
    private readonly List<double> residuals = [];
    private readonly List<double> open = [];
    private long slot = -1;

    public double Distance { get; private set; } = double.NaN;

    public double Nearest { get; private set; } = double.NaN;

    public void Add(double x, double seconds, double floor)
    {
        var at = (long)Math.Floor(seconds / 900);
        if (at > slot && open.Count > 0)
            Close(open.Average(), floor);
        if (at > slot)
            open.Clear();
        slot = Math.Max(slot, at);
        if (at == slot)
            open.Add(x);
    }

    private void Close(double mean, double floor)
    {
        var past = Enumerable.Range(1, 7).Select(days => slot - 96 * days).Where(closed.ContainsKey).Select(earlier => closed[earlier]).ToList();
        (Distance, Nearest) = (double.NaN, double.NaN);
        var residual = mean - Plain.Median(past);
        if (residuals.Count >= 24 && past.Count >= 2)
        {
            var scale = 1.4826 * Plain.Median(residuals.Last(672)) + floor;
            (Distance, Nearest) = (residual / scale, past.Min(earlier => Math.Abs(mean - earlier)) / scale);
        }
        if (past.Count > 0)
            residuals.Add(Math.Abs(residual));
        closed[slot] = mean;
    }
}
