using System.Globalization;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>The report as text for a terminal.</summary>
internal static class EvaluationTable
{
    private const int NameWidth = 17;

    /// <summary>The lines of the table.</summary>
    public static IEnumerable<string> Lines(EvaluationReport report)
    {
        yield return $"{"",-NameWidth} {"judged",6} {"alerts",6}  {"precision",-17} {"recall",-17} {"F1",-17} {"FA/1000w",8} {"FA/sensor-day",13} {"delay",5}  sent/raw";
        foreach (var set in report.Sets)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{set.Set}: {set.Series} series, {set.Sensors} sensors, {set.Rows} rows, {set.Windows} windows, {set.Events} events");
            foreach (var judge in set.Judges)
            {
                yield return Line(set, judge);
            }
        }

        foreach (var line in Summary(report))
        {
            yield return line;
        }
    }

    /// <summary>A share of bytes, as "0.012 %"; "" where nothing is sent by the judge itself.</summary>
    public static string Sent(SetFigures set, JudgeFigures judge) =>
        judge.AlertBytes is { } bytes && set.PayloadBytes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * bytes / set.PayloadBytes:0.00} %") : "";

    /// <summary>A figure with its interval, as "0.623 [.51, .72]"; "-" where it has no value.</summary>
    public static string Text(Figure figure) => $"{Number(figure.Value, "0.000")} {Brackets(figure)}".TrimEnd();

    /// <summary>An interval, as "[.51, .72]"; "" where there is none.</summary>
    public static string Brackets(Figure figure) => figure.Low is null ? "" : $"[{Number(figure.Low, ".00")}, {Number(figure.High, ".00")}]";

    /// <summary>Share of the windows that the model judged; "" where it was not asked.</summary>
    public static string JudgedShare(SetFigures set, JudgeFigures judge) =>
        judge.JudgedWindows is { } judged && set.Windows > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * judged / set.Windows:0} %") : "";

    /// <summary>A number in this form; "-" where there is none.</summary>
    public static string Number(double? value, string form) => value?.ToString(form, CultureInfo.InvariantCulture) ?? "-";

    private static string Line(SetFigures set, JudgeFigures judge) =>
        $"  {judge.Judge,-(NameWidth - 2)} {JudgedShare(set, judge),6} {judge.Alerts,6}  {Text(judge.Precision),-17} {Text(judge.Recall),-17} {Text(judge.F1),-17} "
        + $"{Number(judge.FalsePerThousandWindows.Value, "0.0"),8} {Number(judge.FalsePerSensorDay.Value, "0.000"),13} {Number(judge.MedianDelay.Value, "0"),5}  {Sent(set, judge)}".TrimEnd();

    private static IEnumerable<string> Summary(EvaluationReport report)
    {
        if (report.Means.Count == 0)
        {
            yield return "No set has a labelled event after its warm-up: there is no F1.";
        }
        else
        {
            yield return $"mean F1 (sets with events: {report.Sets.Count(s => s.Events > 0)})";
            foreach (var mean in report.Means)
            {
                yield return $"  {mean.Judge,-(NameWidth - 2)} {Text(mean.MeanF1)}";
            }

            yield return $"shipped - gate, mean F1, paired over series: {Text(report.ShippedMinusGate)}";
            yield return $"calibration: expected error {Number(report.Calibration.ExpectedError, "0.000")} over {report.Calibration.Windows} judged windows";
            yield return report.Kinds.Count == 0
                ? "kinds: the labels name none, so nothing is said of them"
                : $"kinds: {report.Kinds.Where(k => k.Labelled == k.Named).Sum(k => k.Events)} of {report.Kinds.Sum(k => k.Events)} detected events named right";
        }

        var speed = report.Speed;
        yield return $"speed: {speed.Verdicts} verdicts, {Number(speed.VerdictsPerSecond, "0")}/s for each of {speed.Callers} callers; {Number(speed.ModelMegabytes, "0")} MB for the model, {Number(speed.PeakMegabytes, "0")} MB in all at most; {Number(speed.Seconds, "0")} s";
    }
}
