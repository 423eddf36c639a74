using System.Collections.Immutable;
using System.Globalization;
using EdgeGateway.Alerts;
using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Report;

/// <summary>History -> report. Definitions: docs/formats/report.md.</summary>
internal static class ReportCounting
{
    /// <summary>Alerts in 10 minutes beyond which that is a flood.</summary>
    public const int FloodAbove = 10;

    /// <summary>Entries of a list.</summary>
    public const int Listed = 10;

    /// <summary>Name of the sink that does not leave the site.</summary>
    private const string LocalSink = "mqtt";

    private const int ChatteringRaises = 3;
    private const int SeverityClass = 100;
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Begin of the first of so many days, the present one included.</summary>
    public static DateTimeOffset Begin(DateTimeOffset now, int days) => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - days);

    /// <summary>Counts what happened from <see cref="Begin"/>, or from the first day on that something is known of, until now.</summary>
    public static GatewayReport Count(History history, DateTimeOffset now, int days)
    {
        AlertLife[] readable = [.. history.Alerts.Select(AlertLife.Read).OfType<AlertLife>()];

        // that an asset is out of service is no alarm
        AlertLife[] all = [.. readable.Where(a => a.Kind != AlertContent.MaintenanceKind)];
        var from = FirstKnown(history, all, Begin(now, days), now);
        AlertLife[] raised = [.. all.Where(a => a.Raised >= from && a.Raised < now).OrderBy(a => a.Raised)];
        var sums = history.Daily.Where(s => s.Day >= DateOnly.FromDateTime(from.UtcDateTime) && s.Day <= DateOnly.FromDateTime(now.UtcDateTime)).ToLookup(s => s.Day);
        return new GatewayReport(
            all.LastOrDefault()?.Gateway ?? "", from, now, raised.Length, all.Count(a => a.Ended is null), Rates(raised, from, now), Nuisances(raised), Judged(raised), Stale(all, from, now), Top(raised),
            Shares(raised, a => a.Severity / SeverityClass, ClassName), Shares(raised, a => a.Family, f => f),
            Suppressed(sums.SelectMany(s => s)), Bytes(sums.SelectMany(s => s)), Days(raised, sums, from, now), history.Alerts.Count - readable.Length);
    }

    /// <summary>A gateway that is younger than the period would look calmer than it is.</summary>
    private static DateTimeOffset FirstKnown(History history, AlertLife[] all, DateTimeOffset begin, DateTimeOffset now)
    {
        var known = history.Daily.Select(s => new DateTimeOffset(s.Day, TimeOnly.MinValue, TimeSpan.Zero)).Concat(all.Select(a => new DateTimeOffset(a.Raised.UtcDateTime.Date, TimeSpan.Zero)))
            .Where(day => day <= now).DefaultIfEmpty(begin).Min();
        return known > begin ? known : begin;
    }

    private static JudgedAlerts Judged(AlertLife[] raised)
    {
        int Count(string verdict) => raised.Count(a => a.Verdict == verdict);
        var (right, wrong) = (Count(AlertFeedback.True), Count(AlertFeedback.False));
        return new JudgedAlerts(right, wrong, Count(AlertFeedback.Unsure), right + wrong == 0 ? null : Of(wrong, right + wrong));
    }

    private static AlertRates Rates(AlertLife[] raised, DateTimeOffset from, DateTimeOffset now)
    {
        var floods = Periods(raised, TenMinutes).Count(p => p.Count() > FloodAbove);
        return new AlertRates(
            RateOf(raised, Day, now - from), RateOf(raised, Soon, now - from), RateOf(raised, TenMinutes, now - from), floods, floods / Math.Max(1, Math.Ceiling((now - from) / TenMinutes)));
    }

    private static Rate RateOf(AlertLife[] raised, TimeSpan period, TimeSpan length)
    {
        // the first of those with the most
        var peak = Periods(raised, period).MaxBy(p => p.Count());
        return new Rate(raised.Length / Math.Max(1, length / period), peak?.Count() ?? 0, peak is null ? null : new DateTimeOffset(peak.Key * period.Ticks, TimeSpan.Zero));
    }

    private static IEnumerable<IGrouping<long, AlertLife>> Periods(AlertLife[] raised, TimeSpan period) => raised.GroupBy(a => a.Raised.UtcTicks / period.Ticks);

    private static Nuisances Nuisances(AlertLife[] raised)
    {
        var (chattering, repeated) = (new HashSet<AlertLife>(ReferenceEqualityComparer.Instance), 0);
        foreach (var condition in raised.GroupBy(a => a.Condition).Select(c => c.ToList()))
        {
            for (var i = 1; i < condition.Count; i++)
            {
                repeated += condition[i].Raised - condition[i - 1].Raised <= Soon ? 1 : 0;
                if (i + 1 >= ChatteringRaises && condition[i].Raised - condition[i + 1 - ChatteringRaises].Raised <= Short)
                {
                    chattering.UnionWith(condition[(i + 1 - ChatteringRaises)..(i + 1)]);
                }
            }
        }

        var fleeting = raised.Count(a => a.Ended is not null && a.Until(a.Raised) <= Short && !chattering.Contains(a));
        return new Nuisances(chattering.Select(a => a.Condition).Distinct().Count(), chattering.Count, fleeting, repeated);
    }

    private static StaleAlerts Stale(AlertLife[] all, DateTimeOffset from, DateTimeOffset now)
    {
        AlertLife[] stale = [.. all.Where(a => (a.Ended is null || a.Ended >= from) && a.Until(now) > Day)];
        return new StaleAlerts(
            stale.Count(a => a.Ended is null), stale.Count(a => a.Ended is not null),
            [.. stale.OrderBy(a => a.Ended is not null).ThenByDescending(a => a.Until(now)).Take(Listed).Select(a => new StaleAlert(a.Subject, a.Family, a.Raised, Math.Round(a.Until(now).TotalHours, 1), a.Ended is null))]);
    }

    private static Offenders Top(AlertLife[] raised)
    {
        var top = raised.GroupBy(a => a.Condition).OrderByDescending(c => c.Count()).ThenBy(c => c.Key.Subject, StringComparer.Ordinal).ThenBy(c => c.Key.Family, StringComparer.Ordinal).Take(Listed)
            .Select(c => new Offender(c.Key.Subject, c.Key.Family, c.Count(), Of(c.Count(), raised.Length))).ToImmutableArray();
        return new Offenders(Of(top.Sum(o => o.Alerts), raised.Length), top);
    }

    private static ImmutableArray<Share> Shares<T>(AlertLife[] raised, Func<AlertLife, T> part, Func<T, string> name) =>
        [.. raised.GroupBy(part).OrderByDescending(p => p.Key).Select(p => new Share(name(p.Key), p.Count(), Of(p.Count(), raised.Length)))];

    private static string ClassName(int number) => number >= 10 ? "1000" : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, number * SeverityClass)}-{(number * SeverityClass) + SeverityClass - 1}");

    private static ImmutableArray<ReportDay> Days(AlertLife[] raised, ILookup<DateOnly, DailySum> sums, DateTimeOffset from, DateTimeOffset now)
    {
        var counts = raised.CountBy(a => DateOnly.FromDateTime(a.Raised.UtcDateTime)).ToDictionary();
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(now.UtcDateTime));
        return [.. Enumerable.Range(first.DayNumber, last.DayNumber - first.DayNumber + 1).Select(DateOnly.FromDayNumber)
            .Select(day => new ReportDay(day, counts.GetValueOrDefault(day), Suppressed(sums[day]).Values.Sum(), Bytes(sums[day])))];
    }

    private static ImmutableSortedDictionary<string, long> Suppressed(IEnumerable<DailySum> sums) => ByReason(sums, DailyCounters.Suppressed);

    private static ByteSums Bytes(IEnumerable<DailySum> sums)
    {
        var received = sums.Where(s => s.Name == DailyCounters.Received).Sum(s => s.Value);
        var delivered = ByReason(sums, DailyCounters.Delivered);
        var upstream = delivered.Where(d => d.Key != LocalSink).Sum(d => d.Value);
        return new ByteSums(received, delivered, upstream, received > 0 ? upstream / (double)received : null);
    }

    private static ImmutableSortedDictionary<string, long> ByReason(IEnumerable<DailySum> sums, string name) =>
        sums.Where(s => s.Name.StartsWith($"{name}.", StringComparison.Ordinal)).GroupBy(s => s.Name[(name.Length + 1)..])
            .ToImmutableSortedDictionary(s => s.Key, s => s.Sum(v => v.Value), StringComparer.Ordinal);

    private static double Of(int part, int all) => all == 0 ? 0 : part / (double)all;
}
