using System.Globalization;
using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>
/// Tells alerts again that are still active so long after they were raised, or told again last (after OPC UA part 9, ReAlarmTime), and asks for another acknowledgement. By our
/// clock; one that is set forward tells them earlier once, one that is set back begins the time anew. Used by the Alerts stage alone.
/// </summary>
internal sealed class Realarm(TimeSpan period, Accounting accounting)
{
    private const string Times = "realarms";

    /// <summary>At least 15 minutes; zero for never.</summary>
    public TimeSpan Period { get; set; } = period;

    /// <summary>Notes in an alert that is told when that was, so that a kill does not begin the time anew.</summary>
    /// <param name="now">Our clock; the default before its first tick.</param>
    public Alert Stamp(Alert told, DateTimeOffset now) => Period > TimeSpan.Zero && now != default ? told with { ToldAt = now } : told;

    /// <summary>The alerts that are to be told again now, as they then are.</summary>
    public IEnumerable<(Condition Condition, Alert Next)> Due(ConditionBook conditions, DateTimeOffset now)
    {
        foreach (var condition in Period > TimeSpan.Zero ? conditions.All.Where(c => c.IsOpen) : [])
        {
            var alert = condition.Newest!;
            if (condition.QuietSince is not null || alert.ShelvedUntil is not null || alert.OutOfServiceUntil is not null)
            {
                condition.HoldsSince = now;
                continue;
            }

            // of one that flaps nobody knows after a restart since when it holds
            var since = condition.HoldsSince ?? (condition.IsFlapping() ? now : alert.ToldAt ?? now);
            condition.HoldsSince = since < now ? since : now;
            var wait = condition.IsFlapping() && Period < Condition.FlapTime ? Condition.FlapTime : Period;
            if (now - condition.HoldsSince < wait)
            {
                continue;
            }

            condition.HoldsSince = now;
            accounting.Of("alerts.realarmed").Add();
            yield return (condition, Again(alert, now));
        }
    }

    /// <summary>A newer description of an alert that may have been told again.</summary>
    public static Alert Keep(Alert open, Alert fresh) => TimesOf(open) is var times and > 0 ? Said(fresh with { ToldAt = open.ToldAt }, times) : fresh with { ToldAt = open.ToldAt };

    private static Alert Again(Alert alert, DateTimeOffset now)
    {
        var times = TimesOf(alert);
        var before = Sentence(times);
        var text = alert.Text.EndsWith(before, StringComparison.Ordinal) ? alert.Text[..^before.Length] : alert.Text;
        return Said(alert.Next(Transition.Updated, now, active: true) with { AcknowledgedAt = null, ToldAt = now, Text = text }, times + 1);
    }

    private static Alert Said(Alert alert, int times) => alert with
    {
        Evidence = [.. alert.Evidence.Where(e => e.Key != Times), new(Times, times)],
        Text = alert.Text + Sentence(times),
    };

    private static int TimesOf(Alert alert) => (int)alert.Evidence.FirstOrDefault(e => e.Key == Times).Value;

    private static string Sentence(int times) => string.Create(CultureInfo.InvariantCulture, $" It still holds: reminder {times}.");
}
