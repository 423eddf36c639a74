using System.Globalization;
using EdgeGateway.Operations;
using static System.FormattableString;

namespace EdgeGateway.Report;

/// <summary>The report as lines for a terminal.</summary>
internal static class ReportText
{
    private static readonly string[] Head = ["", "average", "peak", "most at", "usual target"];

    /// <summary>What the words mean, one line each; the same stand in docs/formats/report.md.</summary>
    public static readonly string[] Definitions =
    [
        "Raised: at the end of the window that raised it, event time; periods and days begin with the clock, UTC. Ended: when the condition no longer held, whatever was done with the alert later.",
        "Flood: a period of 10 minutes with more than 10 alerts.",
        "Chattering: a condition (subject and family) raised 3 times or more within a minute. Fleeting: any other alert that ended within a minute. Repeated: raised within an hour after the same condition was raised before.",
        "Judged: by the newest feedback of people. One judged false is a nuisance alarm: nothing was wrong, or there was nothing to act on.",
        "Stale: active for more than 24 hours.",
        "Bytes: payloads that arrived, and alerts as JSON, once for each sink that took them, without protocol; upstream: all sinks but the local broker (mqtt). Counted to the hour.",
        "Usual targets: those of ISA-18.2 and EEMUA 191 for one operator.",
    ];

    /// <summary>Writes the report.</summary>
    public static void Write(TextWriter writer, GatewayReport report)
    {
        writer.WriteLine(Title(report));
        writer.WriteLine(Summary(report));
        writer.WriteLine();
        foreach (var row in new[] { Head }.Concat(RateRows(report)))
        {
            writer.WriteLine($"{row[0],-24}{row[1],10}{row[2],8}   {row[3],-18}{row[4]}".TrimEnd());
        }

        writer.WriteLine();
        foreach (var (name, value, target) in Figures(report))
        {
            writer.WriteLine($"{name,-32}{value,10}   {target}".TrimEnd());
        }

        WriteList(writer, "Raised most often", [.. report.Offenders.Top.Select(o => Row(Count(o.Alerts), Percent(o.Share), $"{PlainText.Of(o.Subject)} ({PlainText.Of(o.Family)})"))]);
        WriteList(writer, "Active for more than 24 hours", [.. report.Stale.Longest.Select(s => Row(Invariant($"{s.Hours:#,0} h"), s.Active ? "active" : "ended", $"{PlainText.Of(s.Subject)} ({PlainText.Of(s.Family)}) since {Minute(s.Raised)}"))]);
        WriteList(writer, "By severity", Shares(report.BySeverity));
        WriteList(writer, "By family", Shares(report.ByFamily));
        WriteList(writer, "Suppressed", [.. report.Suppressed.Select(s => Row(Count(s.Value), "", PlainText.Of(s.Key)))]);
        WriteDays(writer, report);
        writer.WriteLine();
        foreach (var definition in Definitions)
        {
            writer.WriteLine(definition);
        }
    }

    /// <summary>Gateway and period.</summary>
    public static string Title(GatewayReport report) =>
        Invariant($"Alerts of {(report.Gateway.Length == 0 ? "this gateway" : PlainText.Of(report.Gateway))}, {report.From:yyyy-MM-dd} to {Minute(report.To)} UTC ({report.LengthDays:0.0} days)");

    /// <summary>The first sentence.</summary>
    public static string Summary(GatewayReport report)
    {
        var unreadable = report.Unreadable > 0 ? $" {Count(report.Unreadable)} alerts in the database could not be read." : "";
        return $"{Count(report.Raised)} alerts raised, {Count(report.Active)} active at the end.{unreadable}";
    }

    /// <summary>Period, average, peak, when, target.</summary>
    public static IEnumerable<string[]> RateRows(GatewayReport report)
    {
        var rates = report.Rates;
        yield return ["alerts a day", Average(rates.PerDay), Count(rates.PerDay.Peak), At(rates.PerDay, "yyyy-MM-dd"), "150"];
        yield return ["alerts an hour", Average(rates.PerHour), Count(rates.PerHour.Peak), At(rates.PerHour, "yyyy-MM-dd HH:mm"), "6"];
        yield return ["alerts in 10 minutes", Average(rates.PerTenMinutes), Count(rates.PerTenMinutes.Peak), At(rates.PerTenMinutes, "yyyy-MM-dd HH:mm"), "1, peak 10"];
    }

    /// <summary>Name, value, target.</summary>
    public static IEnumerable<(string Name, string Value, string Target)> Figures(GatewayReport report)
    {
        yield return ("10-minute periods in flood", Percent(report.Rates.FloodShare), "below 1 %");
        yield return ("chattering conditions", Count(report.Nuisances.ChatteringConditions), "0");
        yield return ("chattering alerts", Count(report.Nuisances.Chattering), "0");
        yield return ("fleeting alerts", Count(report.Nuisances.Fleeting), "0");
        yield return ("repeated within an hour", Count(report.Nuisances.Repeated), "");
        yield return ("judged true by people", Count(report.Feedback.True), "");
        yield return ("judged false", Count(report.Feedback.False), "");
        yield return ("judged unsure", Count(report.Feedback.Unsure), "");
        yield return ("false of true and false", report.Feedback.FalseShare is { } wrong ? Percent(wrong) : "-", "");
        yield return ("stale alerts, active", Count(report.Stale.Active), "below 5");
        yield return ("stale alerts, ended", Count(report.Stale.Ended), "");
        yield return ("share of the 10 most frequent", Percent(report.Offenders.Share), "below 5 %");
        yield return ("sent upstream of raw bytes", Upstream(report.Bytes), "");
    }

    /// <summary>The share that was sent upstream.</summary>
    public static string Upstream(ByteSums bytes) => bytes.UpstreamShare is { } share ? Invariant($"{100 * share:0.000} %") : "-";

    /// <summary>A whole number.</summary>
    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share.</summary>
    public static string Percent(double share) => Invariant($"{100 * share:0.0} %");

    /// <summary>A time to the minute.</summary>
    public static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Average(Rate rate) => Invariant($"{rate.Average:#,0.00}");

    private static string At(Rate rate, string form) => rate.PeakAt?.UtcDateTime.ToString(form, CultureInfo.InvariantCulture) ?? "";

    private static string Row(string first, string second, string name) => $"{first,10}  {second,8}  {name}";

    private static string[] Shares(IEnumerable<Share> shares) => [.. shares.Select(s => Row(Count(s.Alerts), Percent(s.Of), PlainText.Of(s.Name)))];

    private static void WriteList(TextWriter writer, string title, string[] rows)
    {
        if (rows.Length > 0)
        {
            writer.WriteLine();
            writer.WriteLine(title);
            Array.ForEach(rows, writer.WriteLine);
        }
    }

    private static void WriteDays(TextWriter writer, GatewayReport report)
    {
        string[] sinks = [.. report.Bytes.Delivered.Keys];
        writer.WriteLine();
        writer.WriteLine($"{"day",-12}{"alerts",8}{"suppressed",12}{"raw bytes",18}{string.Concat(sinks.Select(s => $"{$"to {PlainText.Of(s)}",14}"))}{"upstream",12}");
        foreach (var day in report.Days)
        {
            writer.WriteLine(Invariant($"{day.Day:yyyy-MM-dd}  {Count(day.Raised),8}{Count(day.Suppressed),12}{Count(day.Bytes.Received),18}")
                + $"{string.Concat(sinks.Select(s => $"{Count(day.Bytes.Delivered.GetValueOrDefault(s)),14}"))}{Upstream(day.Bytes),12}");
        }
    }
}
