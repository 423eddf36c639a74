using System.Globalization;
using EdgeGateway.Alerts;
using SensorSimulator.Plant;

namespace EdgeGateway.Demo;

/// <summary>Compares the alerts of a demo with the faults that were injected.</summary>
internal sealed class DemoScore(IReadOnlyList<PlantFault> faults)
{
    /// <summary>An alert this long after a fault still belongs to it: the window that shows its end, and the quiet time behind it.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(120);

    private readonly Dictionary<string, Alert> newest = [];
    private readonly Dictionary<string, Alert> raised = [];

    /// <summary>Takes a transition.</summary>
    public void Add(Alert alert)
    {
        if (alert.Family == Family.Anomaly)
        {
            raised.TryAdd(alert.AlertId, alert);
            newest[alert.AlertId] = alert;
        }
    }

    /// <summary>Faults with an alert.</summary>
    public int Found => faults.Count(f => AlertsOf(f).Any());

    /// <summary>Found faults of which an alert names the kind.</summary>
    public int NamedRight => faults.Count(f => AlertsOf(f).Any(a => Names(newest[a.AlertId], f)));

    /// <summary>Kinds that were named right at least once.</summary>
    public IEnumerable<string> KindsNamedRight => faults.Where(f => AlertsOf(f).Any(a => Names(newest[a.AlertId], f))).Select(f => KindOf(f)).Distinct().Order();

    /// <summary>Alerts that belong to no fault.</summary>
    public int False => raised.Values.Count(a => !faults.Any(f => BelongsTo(a, f)));

    /// <summary>The fault that an alert belongs to.</summary>
    public PlantFault? FaultOf(Alert alert) => faults.FirstOrDefault(f => BelongsTo(raised.GetValueOrDefault(alert.AlertId, alert), f));

    /// <summary>One line a fault.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var fault in faults)
        {
            var alerts = AlertsOf(fault).ToList();
            var outcome = alerts.Count == 0 ? "missed" : string.Create(
                CultureInfo.InvariantCulture, $"found after {(alerts[0].Time - fault.Start).TotalSeconds:0} s, called {newest[alerts[0].AlertId].Kind}");
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {fault.Start:HH:mm:ss} {KindOf(fault),-11} {fault.Asset + "/" + fault.Sensor,-24} size {fault.Size:0.0} x {fault.Scale:0.###}, {(fault.End - fault.Start).TotalSeconds + 1:0} s: {outcome}");
        }
    }

    /// <summary>The kind as alerts call it.</summary>
    public static string KindOf(PlantFault fault) => fault.Kind.ToString().ToLowerInvariant();

    private IEnumerable<Alert> AlertsOf(PlantFault fault) => raised.Values.Where(a => BelongsTo(a, fault)).OrderBy(a => a.Time);

    private static bool Names(Alert alert, PlantFault fault) => alert.Kind == KindOf(fault);

    private static bool BelongsTo(Alert alert, PlantFault fault) =>
        alert.Subject == fault.Asset && alert.Time >= fault.Start && alert.Time <= fault.End + Aftermath;
}
