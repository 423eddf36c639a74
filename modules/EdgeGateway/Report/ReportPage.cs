using System.Globalization;
using static EdgeGateway.Report.ReportCharts;
using static EdgeGateway.Report.ReportText;

namespace EdgeGateway.Report;

/// <summary>The report as one HTML file that needs nothing else: no script, no font, no network.</summary>
internal static class ReportPage
{
    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, GatewayReport report)
    {
        var title = Text(Title(report));
        writer.WriteLine($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\n<style>\n{Style()}</style></head><body>");
        writer.WriteLine($"<h1>{title}</h1>\n<p>{Text(Summary(report))}</p>");
        WriteTiles(writer, report);
        Section(writer, "Alerts raised a day", "", ReportCharts.Alerts(report.Days));
        WriteTable(writer, "Rates", ["", "average", "peak", "most at", "usual target"], RateRows(report));
        WriteTable(writer, "Nuisances", ["", "", "usual target"], Figures(report).Select(f => new[] { f.Name, f.Value, f.Target }));
        WriteRows(writer, "Raised most often", [.. report.Offenders.Top.Select(o => ($"{o.Subject} ({o.Family})", o.Alerts))]);
        WriteTable(
            writer, "Active for more than 24 hours", ["", "hours", "since", ""],
            report.Stale.Longest.Select(s => new[] { $"{s.Subject} ({s.Family})", s.Hours.ToString("#,0.0", CultureInfo.InvariantCulture), Minute(s.Raised), s.Active ? "active" : "ended" }));
        WriteRows(writer, "By severity", [.. report.BySeverity.Select(s => (s.Name, s.Alerts))]);
        WriteRows(writer, "By family", [.. report.ByFamily.Select(s => (s.Name, s.Alerts))]);
        WriteTable(writer, "Suppressed", ["reason", "alerts"], report.Suppressed.Select(s => new[] { s.Key, Count(s.Value) }));
        Section(writer, "Bytes a day", "<span class=\"raw\">●</span> raw bytes received, <span class=\"sent\">●</span> alerts sent upstream, on a scale of powers of ten.", ReportCharts.Bytes(report.Days));
        WriteDays(writer, report);
        writer.WriteLine($"<h2>What the words mean</h2>\n<ul>{string.Concat(Definitions.Select(d => $"<li>{Text(d)}</li>"))}</ul>\n</body></html>");
    }

    private static string Style()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }

    private static void WriteTiles(TextWriter writer, GatewayReport report)
    {
        void Tile(string value, string meaning) => writer.WriteLine($"<div class=\"tile\"><b>{value}</b><span>{meaning}</span></div>");
        writer.WriteLine("<div class=\"tiles\">");
        Tile(report.Rates.PerDay.Average.ToString("#,0.0", CultureInfo.InvariantCulture), "alerts a day");
        Tile(Count(report.Rates.PerTenMinutes.Peak), "most in 10 minutes");
        Tile(Percent(report.Rates.FloodShare), "of 10-minute periods in flood");
        Tile(Count(report.Nuisances.ChatteringConditions), "chattering conditions");
        Tile(Count(report.Stale.Active), "stale alerts, active");
        Tile(Upstream(report.Bytes), "of the raw bytes sent upstream");
        writer.WriteLine("</div>");
    }

    private static void Section(TextWriter writer, string title, string note, string content) =>
        writer.WriteLine($"<section><h2>{title}</h2>{(note.Length == 0 ? "" : $"<p>{note}</p>")}<div class=\"panel\">{content}</div></section>");

    private static void WriteRows(TextWriter writer, string title, (string Name, int Alerts)[] rows)
    {
        if (rows.Length > 0)
        {
            Section(writer, title, "", Rows(rows));
        }
    }

    private static void WriteTable(TextWriter writer, string title, string[] columns, IEnumerable<string[]> rows)
    {
        var body = string.Concat(rows.Select(row => $"<tr>{string.Concat(row.Select(cell => $"<td>{Text(cell)}</td>"))}</tr>\n"));
        if (body.Length > 0)
        {
            writer.WriteLine($"<section><h2>{title}</h2><div class=\"scroll\"><table><thead><tr>{string.Concat(columns.Select(c => $"<th>{Text(c)}</th>"))}</tr></thead><tbody>\n{body}</tbody></table></div></section>");
        }
    }

    private static void WriteDays(TextWriter writer, GatewayReport report)
    {
        string[] sinks = [.. report.Bytes.Delivered.Keys];
        WriteTable(writer, "Days", ["day", "alerts", "suppressed", "raw bytes", .. sinks.Select(s => $"bytes to {s}"), "upstream of raw"], report.Days.Select(day => (string[])
        [
            day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Count(day.Raised), Count(day.Suppressed), Count(day.Bytes.Received),
            .. sinks.Select(s => Count(day.Bytes.Delivered.GetValueOrDefault(s))), Upstream(day.Bytes),
        ]));
    }
}
