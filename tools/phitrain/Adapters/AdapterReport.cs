using System.Globalization;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>What the proof on held-back devices gave: the content of report.json, and the lines of report.txt.</summary>
/// <param name="Before">Mean F1 of the base model over the sets.</param>
/// <param name="After">Mean F1 of the adapters.</param>
/// <param name="Gain">95 % interval of the difference.</param>
/// <param name="Thresholds">Of the adapters, each chosen on the devices that it was trained on.</param>
/// <param name="Devices">The devices of each part.</param>
internal sealed record AdapterReport(
    string Base, double BaseThreshold, IReadOnlyList<SetComparison> Sets, double Before, double After, double[] Gain, IReadOnlyList<double> Thresholds, IReadOnlyList<string[]> Devices)
{
    /// <summary>The adapters are better beyond what chance gives.</summary>
    public bool Helps => Gain[0] > 0;

    public static AdapterReport Of(BaseModel model, SiteData data, int[][] parts, Comparison proof)
    {
        var (low, high) = proof.Gain();
        return new AdapterReport(
            model.Sensor.Name, model.Sensor.Threshold, proof.Sets, Math.Round(proof.Before, 4), Math.Round(proof.After, 4), [Math.Round(low, 4), Math.Round(high, 4)], proof.Thresholds,
            [.. parts.Select(part => part.Select(r => data.Recordings[r].Device).Distinct().ToArray())]);
    }

    public IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"Held back: {Sets.Sum(s => s.Series)} series of {Devices.SelectMany(d => d).Distinct().Count()} devices in {Devices.Count} parts; each part was judged by an adapter that was trained on the others.");
        if (Devices.SelectMany(d => d).Count() > Devices.SelectMany(d => d).Distinct().Count())
        {
            yield return "With fewer than three devices the parts are recordings, not devices: of other devices this says little.";
        }

        yield return $"{"set",-20} {"series",6} {"events",6}  {"judge",-12} {"precision",9} {"[95 %]",14} {"recall",6} {"F1",6} {"false alarms per sensor-day",28}";
        foreach (var set in Sets)
        {
            yield return Line(set, Base, set.Before, "");
            yield return Line(set, "adapters", set.After, string.Create(CultureInfo.InvariantCulture, $"[{set.PrecisionInterval[0]:0.00}, {set.PrecisionInterval[1]:0.00}]"));
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"mean F1 over {Sets.Count} sets: {Base} {Before:0.000} at {BaseThreshold:0.00}, adapters {After:0.000} at {string.Join(", ", Thresholds.Select(t => t.ToString("0.00", CultureInfo.InvariantCulture)))}; gain {After - Before:0.000} [{Gain[0]:0.000}, {Gain[1]:0.000}]");
    }

    private static string Line(SetComparison set, string judge, Outcome outcome, string interval) => string.Create(
        CultureInfo.InvariantCulture,
        $"{set.Set,-20} {set.Series,6} {outcome.Events,6}  {judge,-12} {outcome.Precision,9:0.000} {interval,14} {outcome.Recall,6:0.000} {outcome.F1,6:0.000} {outcome.FalsePerSensorDay,28:0.000}");
}
