using System.Globalization;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>The report as one HTML file that needs nothing else: no script, no font, no network.</summary>
internal static class EvaluationPage
{
    private static readonly string[] Columns =
        ["judge", "judged", "alerts", "precision", "recall", "F1", "false alarms per 1000 windows", "per sensor-day", "median delay", "sent / raw"];

    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, EvaluationReport report)
    {
        var title = $"{EvaluationPlots.Text(report.Model)} on {report.Sets.Sum(s => s.Series)} recordings";
        writer.WriteLine($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\n<style>\n{Style()}</style></head><body>");
        writer.WriteLine($"<h1>{title}</h1>");
        writer.WriteLine($"<p>{Count(report.Sets.Sum(s => s.Rows))} rows, {Count(report.Sets.Sum(s => s.Windows))} windows, {Count(report.Sets.Sum(s => s.Events))} labelled events. Sets: {EvaluationPlots.Text(string.Join(", ", report.Sets.Select(s => s.Set)))}. Brackets and whiskers: 95 % intervals, bootstrap over recordings.</p>");
        WriteTiles(writer, report);
        WritePanels(writer, report);
        WriteCalibration(writer, report);
        WriteKinds(writer, report.Kinds);
        WriteTable(writer, report);
        writer.WriteLine("</body></html>");
    }

    private static readonly double[] AxisSteps = [1, 2, 4, 8, 10];

    private static string Style()
    {
        using var reader = new StreamReader(typeof(EvaluationPage).Assembly.GetManifestResourceStream("page.css")!);
        return reader.ReadToEnd();
    }

    private static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static void WriteTiles(TextWriter writer, EvaluationReport report)
    {
        void Tile(string value, string meaning) => writer.WriteLine($"<div class=\"tile\"><b>{value}</b><span>{meaning}</span></div>");
        var sent = report.Sets.Sum(s => s.Judges[SeriesEvaluation.ShippedPlace].AlertBytes ?? 0) / (double)report.Sets.Sum(s => s.PayloadBytes);
        writer.WriteLine("<div class=\"tiles\">");
        if (report.Means.Count > 0)
        {
            var shipped = report.Means[SeriesEvaluation.ShippedPlace].MeanF1;
            Tile(EvaluationTable.Number(shipped.Value, "0.000"), $"mean F1 of what is shipped {EvaluationTable.Brackets(shipped)}");
            Tile(EvaluationTable.Number(report.ShippedMinusGate.Value, "+0.000;-0.000"), $"more than the gate alone, paired {EvaluationTable.Brackets(report.ShippedMinusGate)}");
            Tile(EvaluationTable.Number(report.Calibration.ExpectedError, "0.000"), "expected calibration error");
        }

        Tile($"{EvaluationTable.Number(Figure.Known(100 * sent), "0.00")} %", "of the raw bytes are sent as alerts");
        Tile(EvaluationTable.Number(report.Speed.VerdictsPerSecond, "#,0"), $"verdicts/s for each of {report.Speed.Callers} callers beside the other stages; {EvaluationTable.Number(report.Speed.ModelMegabytes, "0")} MB for the model");
        writer.WriteLine("</div>");
    }

    private static void WritePanels(TextWriter writer, EvaluationReport report)
    {
        if (report.Means.Count > 0)
        {
            writer.WriteLine("<h2>F1 by set</h2><p>One setting for all sets. Blue: the model and what is shipped; orange: the gateway's statistics alone under the same alert rule; grey: control charts on the samples.</p><div class=\"panels\">");
            SetFigures[] sets = [.. report.Sets.Where(s => s.Events > 0)];
            if (sets.Length > 1)
            {
                Panel(writer, $"mean of {sets.Length} sets", "", [.. report.Means.Select(m => (m.Judge, m.MeanF1))], 1);
            }

            foreach (var set in sets)
            {
                Panel(writer, set.Set, $"{Count(set.Events)} events", [.. set.Judges.Select(j => (j.Judge, j.F1))], 1);
            }

            writer.WriteLine("</div>");
        }

        writer.WriteLine("<h2>False alarms per sensor and day</h2><p>Days of samples outside labelled events. In sets without events every alert counts. Each set has its own axis; a whisker that goes beyond it is cut.</p><div class=\"panels\">");
        foreach (var set in report.Sets)
        {
            Panel(writer, set.Set, $"{Count(set.Sensors)} sensors", [.. set.Judges.Select(j => (j.Judge, j.FalsePerSensorDay))], Axis(set.Judges.Max(j => j.FalsePerSensorDay.Value) ?? 1));
        }

        writer.WriteLine("</div>");
    }

    /// <summary>The next of 1, 2, 4 and 8 times a power of ten from this value on.</summary>
    private static double Axis(double largest)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(largest, 1e-3))));
        return power * AxisSteps.First(step => step * power >= largest || step == AxisSteps[^1]);
    }

    private static void Panel(TextWriter writer, string title, string note, IReadOnlyList<(string Judge, Figure Figure)> judges, double largest) =>
        writer.WriteLine($"<div class=\"panel\"><h3>{EvaluationPlots.Text(title)} <span>{note}</span></h3>{EvaluationPlots.Dots(judges, largest)}</div>");

    private static void WriteCalibration(TextWriter writer, EvaluationReport report)
    {
        if (report.Calibration.Bins.Count > 0)
        {
            writer.WriteLine($"<h2>Calibration</h2><p>Confidence of {Count(report.Calibration.Windows)} judged windows of labelled recordings, each of one sensor, against how many of them touch a labelled event. On the dashed line confidence is probability.</p>");
            writer.WriteLine($"<div class=\"panel wide\">{EvaluationPlots.Reliability(report.Calibration)}</div>");
        }
    }

    private static void WriteKinds(TextWriter writer, IReadOnlyList<KindCount> kinds)
    {
        if (kinds.Count == 0)
        {
            return;
        }

        string[] named = [.. kinds.Select(k => k.Named).Distinct().Order(StringComparer.Ordinal)];
        writer.WriteLine("<h2>Kinds</h2><p>Of detected events: the labelled kind (rows), and what the first alert called it (columns).</p>");
        writer.WriteLine($"<div class=\"scroll\"><table class=\"kinds\"><thead><tr><th></th>{string.Concat(named.Select(n => $"<th>{EvaluationPlots.Text(n)}</th>"))}</tr></thead><tbody>");
        foreach (var row in kinds.GroupBy(k => k.Labelled))
        {
            string Cell(int events) => string.Create(CultureInfo.InvariantCulture, $"<td class=\"heat\" style=\"--share:{events / (double)row.Sum(k => k.Events):0.00}\">{(events == 0 ? "" : events)}</td>");
            writer.WriteLine($"<tr><td>{EvaluationPlots.Text(row.Key)}</td>{string.Concat(named.Select(n => Cell(row.FirstOrDefault(k => k.Named == n)?.Events ?? 0)))}</tr>");
        }

        writer.WriteLine("</tbody></table></div>");
    }

    private static void WriteTable(TextWriter writer, EvaluationReport report)
    {
        writer.WriteLine("<h2>All figures</h2><p>An alert is true when its window of 60 samples touches a labelled event; after an alert none counts for 60 samples; no point adjustment. Delay in samples. Sent: all transitions of alerts; raw: the payloads.</p>");
        writer.WriteLine($"<div class=\"scroll\"><table><thead><tr>{string.Concat(Columns.Select(c => $"<th>{c}</th>"))}</tr></thead><tbody>");
        foreach (var set in report.Sets)
        {
            writer.WriteLine($"<tr><th colspan=\"{Columns.Length}\">{EvaluationPlots.Text(set.Set)} <small>{set.Series} recordings, {set.Sensors} sensors, {Count(set.Rows)} rows, {Count(set.Windows)} windows, {set.Events} events</small></th></tr>");
            foreach (var judge in set.Judges)
            {
                string[] cells =
                [
                    judge.Judge, EvaluationTable.JudgedShare(set, judge), Count(judge.Alerts), Cell(judge.Precision), Cell(judge.Recall), Cell(judge.F1),
                    EvaluationTable.Number(judge.FalsePerThousandWindows.Value, "0.0"), EvaluationTable.Number(judge.FalsePerSensorDay.Value, "0.000"),
                    EvaluationTable.Number(judge.MedianDelay.Value, "0"), EvaluationTable.Sent(set, judge),
                ];
                writer.WriteLine($"<tr class=\"{EvaluationPlots.Class(judge.Judge)}\">{string.Concat(cells.Select(c => $"<td>{c}</td>"))}</tr>");
            }
        }

        writer.WriteLine("</tbody></table></div>");
    }

    private static string Cell(Figure figure) => figure.Low is null ? EvaluationTable.Number(figure.Value, "0.000") : $"{EvaluationTable.Number(figure.Value, "0.000")} <small>{EvaluationTable.Brackets(figure)}</small>";
}
