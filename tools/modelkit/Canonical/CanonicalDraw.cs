using EdgeGateway.Prompts;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Windows.Fields;
using SensorSimulator.Synthesis;

namespace EdgeGateway.ModelKit.Canonical;

/// <summary>
/// Draws the canonical windows from generated series, with no model in sight: of each fault that is large enough one window, the one that shows most of it; between faults normal
/// ones, far apart, so that they are independent of each other.
/// </summary>
internal static class CanonicalDraw
{
    /// <summary>Windows of each kind of fault in the image.</summary>
    public const int OfKind = 200;

    /// <summary>Normal windows there: with fewer, thrice the false alarms could not be told from twice.</summary>
    public const int Normal = 4_000;

    /// <summary>Training has 1 and 0xADA97E12, the demo small ones.</summary>
    private const ulong Seed = 0xCA40_41CA_0000_0001;

    private const int FirstJudged = 400;
    private const int NormalEvery = 500;
    private const int Aftermath = 300;
    private const double LeastSize = 3;

    private static readonly string[] Kinds = [.. Enum.GetNames<FaultKind>().Select(name => name.ToLowerInvariant())];

    /// <summary>Windows in a draw.</summary>
    public static int Count(int ofKind, int normal) => (Kinds.Length * ofKind) + normal;

    /// <summary>Draws windows; of each kind the first of more are those of fewer.</summary>
    /// <param name="advanced">Told how many are drawn.</param>
    public static CanonicalWindows Draw(int ofKind, int normal, Action<long> advanced)
    {
        var drawn = Kinds.Append(LabelSpec.Normal).ToDictionary(kind => kind, _ => new List<CanonicalWindow>());
        int Wanted(string kind) => kind == LabelSpec.Normal ? normal : ofKind;
        for (var index = 0; drawn.Any(d => d.Value.Count < Wanted(d.Key)); index++)
        {
            foreach (var window in Of(SyntheticSeries.Generate(Seed, index)).Where(w => drawn[w.Kind].Count < Wanted(w.Kind)))
            {
                drawn[window.Kind].Add(window);
            }

            advanced(drawn.Sum(d => d.Value.Count));
        }

        // faults stand twice as close: a slow model that has time for few windows should see enough of each kind
        return new CanonicalWindows([.. drawn.SelectMany(d => d.Value.Select((window, i) => (Window: window, Place: (i + .5) / d.Value.Count / (window.IsFault ? 2 : 1)))).OrderBy(w => w.Place).Select(w => w.Window)]);
    }

    /// <summary>The windows of one series in the order of their ends.</summary>
    private static IEnumerable<CanonicalWindow> Of(SyntheticSeries series)
    {
        var kindAt = series.Faults.Where(IsLarge).Select(fault => (End: EndOf(fault), Kind: fault.Kind.ToString().ToLowerInvariant()))
            .Concat(Enumerable.Range(0, series.Values.Length / NormalEvery).Select(i => (End: (i * NormalEvery) + SensorFields.Hop - 1, Kind: LabelSpec.Normal)).Where(w => IsQuiet(series, w.End)))
            .Where(w => w.End >= FirstJudged && w.End < series.Values.Length).DistinctBy(w => w.End).ToDictionary(w => w.End, w => w.Kind);
        var (fields, raw) = (new SensorFields(), new double[SensorFields.Count]);
        for (var t = 0; t < series.Values.Length; t++)
        {
            if (fields.Push(series.Values[t], series.Seconds[t], raw) && kindAt.TryGetValue(t, out var kind))
            {
                yield return new CanonicalWindow(kind, [.. raw.Select(v => (double)CanonicalWindows.Stored(v))]);
            }
        }
    }

    /// <summary>Size means nothing where a sensor stops to tell of its process.</summary>
    private static bool IsLarge(Fault fault) => fault.Size >= LeastSize || fault.Kind is FaultKind.Stuck or FaultKind.Dropout or FaultKind.Gain or FaultKind.Pattern;

    /// <summary>The last end of a hop at which the fault still goes on, with no more than a window of it; of a shorter one, the first after its beginning.</summary>
    private static int EndOf(Fault fault)
    {
        var last = Math.Max(fault.First + SensorFields.Hop - 1, Math.Min(fault.Last, fault.First + 69));
        return (((last + 1) / SensorFields.Hop) * SensorFields.Hop) - 1;
    }

    private static bool IsQuiet(SyntheticSeries series, int end) => series.Faults.All(fault => end < fault.First || end > fault.Last + Aftermath);
}
