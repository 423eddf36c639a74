using System.Collections.Frozen;
using System.Collections.Immutable;
using EdgeGateway.Prompts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Alerts;

/// <summary>A field of a window that is far from calm.</summary>
/// <param name="Field">Its name (docs/formats/sensor-model.md).</param>
/// <param name="Value">Its raw number.</param>
/// <param name="Words">What that means, without numbers.</param>
internal sealed record Contribution(string Field, double Value, string Words);

/// <summary>
/// What contributed most to an anomaly: the fields of a window that are furthest from calm on the ten levels that the model reads them in. Calm is the level of 0, for every field
/// counts from there; furthest is measured by how much of the way to the last level on that side was gone. Equally far: the order of the prompt, which is that of importance.
/// </summary>
internal static class Contributions
{
    private const int Most = 3;
    private const double LeastShare = 0.5;

    /// <summary>
    /// Words by field, for a value above and below calm. Fields that say the same share their words and are told once. Not here: plain shares (rep60, miss60), which may be usual for
    /// this sensor; counts of other fields (s_top1, s_top5, n_s2); and what the hours before were like (rec...).
    /// </summary>
    private static readonly FrozenDictionary<string, (string Above, string Below)> Words = new Dictionary<string, (string, string)>
    {
        ["hold10_1440"] = ("values far from the usual level", ""),
        ["zmax_360"] = ("values far from the usual level", ""),
        ["cnt35_1440"] = ("values far from the usual level", ""),
        ["ewma"] = ("values far from the usual level", ""),
        ["s_cusum2"] = ("a steady offset", ""),
        ["L15_120"] = ("a higher level than just before", "a lower level than just before"),
        ["L15_1440"] = ("a higher level than usual", "a lower level than usual"),
        ["out98"] = ("values outside their usual band", ""),
        ["step60"] = ("a step", ""),
        ["slope60"] = ("a rise", "a fall"),
        ["slope180"] = ("a long rise", "a long fall"),
        ["nr60"] = ("more noise than usual", "less noise than usual"),
        ["nr12"] = ("more noise than usual", "less noise than usual"),
        ["s_nr12"] = ("a rare amount of noise", ""),
        ["s_sr30"] = ("a rare spread", ""),
        ["s_rep12"] = ("repeated values", ""),
        ["s_hres_mean"] = ("a course that is hard to foresee", ""),
        ["hres_max"] = ("a sudden change", ""),
        ["dmax"] = ("a sudden change", ""),
        ["rough"] = ("a more jagged course", "a smoother course"),
        ["zc"] = ("faster swings", "slower swings"),
        ["seas"] = ("a higher level than at this time of other days", "a lower level than at this time of other days"),
        ["seas_min"] = ("a level unlike that of other days", ""),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>At most three, the most unusual first; none where nothing is at least half of the way from calm.</summary>
    public static ImmutableArray<Contribution> Of(WindowSummary window, SensorModel model) =>
    [
        .. model.Fields.Where(f => Words.ContainsKey(f.Name)).Select(f => (f.Name, Value: window.Fields[SensorFields.Names.IndexOf(f.Name)], f.Edges))
            .Select(f => (Share: Share(f.Value, f.Edges.AsSpan()), Found: new Contribution(f.Name, f.Value, f.Value < 0 ? Words[f.Name].Below : Words[f.Name].Above)))
            .Where(f => f.Share >= LeastShare && f.Found.Words.Length > 0)
            .OrderByDescending(f => f.Share).DistinctBy(f => f.Found.Words).Take(Most).Select(f => f.Found),
    ];

    /// <summary>What a value of a field means; "" where no words are known, or it is calm.</summary>
    public static string WordsOf(string field, double value, ReadOnlySpan<double> edges) =>
        Words.TryGetValue(field, out var words) && Share(value, edges) >= LeastShare ? value < 0 ? words.Below : words.Above : "";

    /// <summary>How much of the way from the level of 0 to the last one on its side, 0..1; NaN for an absent value.</summary>
    public static double Share(double value, ReadOnlySpan<double> edges)
    {
        var (level, calm) = (FieldLevels.Level(value, edges), FieldLevels.Level(0, edges));
        return level == FieldLevels.Absent ? double.NaN : level >= calm ? (level - calm) / (double)Math.Max(1, FieldLevels.EdgesPerField - calm) : (calm - level) / (double)calm;
    }
}
