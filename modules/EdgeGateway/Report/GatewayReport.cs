using System.Collections.Immutable;

namespace EdgeGateway.Report;

/// <summary>How a gateway's alerts behaved, in the terms of ISA-18.2 and EEMUA 191; its JSON is docs/formats/report.md.</summary>
/// <param name="Gateway">Its name; empty where there is no alert that says it.</param>
/// <param name="From">Begin of the first day that something is known of, UTC.</param>
/// <param name="Raised">Alerts raised from then on.</param>
/// <param name="Active">Alerts whose condition holds at the end.</param>
/// <param name="Unreadable">Alerts in the database that could not be read.</param>
internal sealed record GatewayReport(
    string Gateway,
    DateTimeOffset From,
    DateTimeOffset To,
    int Raised,
    int Active,
    AlertRates Rates,
    Nuisances Nuisances,
    JudgedAlerts Feedback,
    StaleAlerts Stale,
    Offenders Offenders,
    ImmutableArray<Share> BySeverity,
    ImmutableArray<Share> ByFamily,
    ImmutableSortedDictionary<string, long> Suppressed,
    ByteSums Bytes,
    ImmutableArray<ReportDay> Days,
    int Unreadable)
{
    /// <summary>Days in the period, a part of one too.</summary>
    public double LengthDays => (To - From).TotalDays;
}

/// <summary>How many alerts were raised in periods that begin with the clock.</summary>
/// <param name="FloodPeriods">Periods of 10 minutes with more than 10 alerts.</param>
/// <param name="FloodShare">Their share of all.</param>
internal sealed record AlertRates(Rate PerDay, Rate PerHour, Rate PerTenMinutes, int FloodPeriods, double FloodShare);

/// <param name="PeakAt">Begin of the period with the most; null without alerts.</param>
internal sealed record Rate(double Average, int Peak, DateTimeOffset? PeakAt);

/// <summary>Alerts that say little.</summary>
/// <param name="ChatteringConditions">Conditions that were raised 3 times or more within a minute.</param>
/// <param name="Chattering">Alerts of such runs.</param>
/// <param name="Fleeting">Other alerts that ended within a minute.</param>
/// <param name="Repeated">Alerts raised within an hour after the same condition was raised before.</param>
internal sealed record Nuisances(int ChatteringConditions, int Chattering, int Fleeting, int Repeated);

/// <summary>Alerts of the period that people judged, each by its newest feedback.</summary>
/// <param name="FalseShare">Of those judged true or false; null where there are none.</param>
internal sealed record JudgedAlerts(int True, int False, int Unsure, double? FalseShare);

/// <summary>Alerts that are or were active for more than 24 hours.</summary>
/// <param name="Longest">The longest, at most 10, active ones first.</param>
internal sealed record StaleAlerts(int Active, int Ended, ImmutableArray<StaleAlert> Longest);

internal sealed record StaleAlert(string Subject, string Family, DateTimeOffset Raised, double Hours, bool Active);

/// <summary>The conditions raised most often, at most 10.</summary>
/// <param name="Share">Their share of all alerts.</param>
internal sealed record Offenders(double Share, ImmutableArray<Offender> Top);

internal sealed record Offender(string Subject, string Family, int Alerts, double Share);

/// <summary>A part of the alerts.</summary>
internal sealed record Share(string Name, int Alerts, double Of);

/// <param name="Received">Payloads that arrived.</param>
/// <param name="Delivered">Bodies of alerts by sink.</param>
/// <param name="Upstream">Those of all sinks but the local broker.</param>
/// <param name="UpstreamShare">Upstream of received; null where nothing was received.</param>
internal sealed record ByteSums(long Received, ImmutableSortedDictionary<string, long> Delivered, long Upstream, double? UpstreamShare);

/// <summary>One day, UTC.</summary>
internal sealed record ReportDay(DateOnly Day, int Raised, long Suppressed, ByteSums Bytes);
