using System.Text.Json;
using EdgeGateway.Storage;

namespace EdgeGateway.Report;

/// <summary>One alert from its raise to its end, event time.</summary>
/// <param name="Ended">Null while the condition holds.</param>
/// <param name="Verdict">What people said of it last; null where nobody did.</param>
internal sealed record AlertLife(string Gateway, string Subject, string Family, string Kind, int Severity, DateTimeOffset Raised, DateTimeOffset? Ended, string? Verdict)
{
    /// <summary>What the alert is about; the same one raised again is a repeat.</summary>
    public (string Subject, string Family) Condition => (Subject, Family);

    /// <summary>How long it was or is active.</summary>
    public TimeSpan Until(DateTimeOffset now) => (Ended ?? now) - Raised;

    /// <summary>Null when the stored state is no alert.</summary>
    public static AlertLife? Read(PastAlert alert)
    {
        try
        {
            using var body = JsonDocument.Parse(alert.State);
            var data = body.RootElement.GetProperty("data");
            return new AlertLife(
                body.RootElement.GetProperty("source").GetString()!, alert.Subject, alert.Family, data.TryGetProperty("kind", out var kind) ? kind.GetString()! : "", data.GetProperty("severity").GetInt32(),
                alert.Raised ?? data.GetProperty("windowEnd").GetDateTimeOffset(),
                data.GetProperty("active").GetBoolean() ? null : alert.Ended, alert.Verdict);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
