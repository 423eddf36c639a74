using EdgeGateway.Alerts;

namespace EdgeGateway.Tests.Demo;

/// <summary>Alerts as the demo gets them.</summary>
internal static class DemoAlerts
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>An anomaly of an asset, raised so many seconds after the start.</summary>
    public static Alert Raised(string id, string asset, int second, string kind = "drift", string sensor = "pressure") => new(
        id, 1, Transition.Raised, Start.AddSeconds(second), true, asset, Family.Anomaly, kind, 412, 0.934, "model", asset, [$"{asset}/{sensor}"], "bar",
        Start.AddSeconds(second - 59), Start.AddSeconds(second), [new("mean", 4.1)], "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆", $"{asset}/{sensor} looks like {kind}: mean 4.1 bar.", []);

    /// <summary>The end of the same alert.</summary>
    public static Alert Cleared(this Alert alert, int second) => alert.Next(Transition.Cleared, Start.AddSeconds(second), active: false);
}
