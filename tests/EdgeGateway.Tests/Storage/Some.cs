using System.Text;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

/// <summary>Valid records to vary.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static AlertTransition Transition(string alert, int sequence = 1, string? subject = null, int severity = 500, bool open = true, DateTimeOffset? time = null) => new(
        new AlertState(alert, subject ?? alert, "anomaly", sequence, open, time ?? Noon, Encoding.UTF8.GetBytes($"state {alert}.{sequence}")),
        severity,
        open ? "raised" : "cleared",
        Encoding.UTF8.GetBytes($"body {alert}.{sequence}"));

    public static string IdOf(this OutboxEntry entry) => $"{entry.AlertId}.{entry.Sequence}";

    public static string[] Ids(this IEnumerable<OutboxEntry> entries) => [.. entries.Select(IdOf)];
}
