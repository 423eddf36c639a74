using EdgeGateway.Alerts;
using EdgeGateway.Report;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Report;

/// <summary>A gateway's database, filled by hand as its stages do it.</summary>
internal sealed class Past : IDisposable
{
    /// <summary>What a report calls now.</summary>
    public static readonly DateTimeOffset Now = Any.Noon;

    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Now);
    private readonly Dictionary<(string Subject, string Family), Alert> open = [];

    public Past() => Store = GatewayStore.Open(folder.Path, clock);

    /// <summary>The data folder.</summary>
    public string Folder => folder.Path;

    /// <summary>The database, open as while the gateway runs.</summary>
    public GatewayStore Store { get; }

    /// <summary>An alert is raised.</summary>
    public void Raise(string subject, DateTimeOffset at, string family = Family.Anomaly, int severity = 412, string kind = "drift")
    {
        var alert = new Alert(
            AlertIds.Of("north-3", subject, family, at), 1, Transition.Raised, at, true, subject, family, kind, severity, 0.9, "model", subject, [subject], "bar", at.AddMinutes(-1), at, [], "▁", "p looks like drift.", []);
        open[(subject, family)] = alert;
        Commit(alert);
    }

    /// <summary>Its kind changed: a newer window stands in its state from now on.</summary>
    public void Update(string subject, DateTimeOffset at, string family = Family.Anomaly) =>
        Commit(open[(subject, family)] = open[(subject, family)].Next(Transition.Updated, at, true) with { WindowEnd = at });

    /// <summary>It ends.</summary>
    public void Clear(string subject, DateTimeOffset at, string family = Family.Anomaly) => Commit(open[(subject, family)] = open[(subject, family)].Next(Transition.Cleared, at, false));

    /// <summary>Somebody acknowledges it, whether it has ended or not.</summary>
    public void Acknowledge(string subject, DateTimeOffset at, string family = Family.Anomaly) =>
        Commit(open[(subject, family)] = open[(subject, family)].Next(Transition.Acknowledged, at, open[(subject, family)].Active) with { AcknowledgedAt = at });

    /// <summary>Somebody judges the newest one of the condition.</summary>
    public void Judge(string subject, string verdict, string family = Family.Anomaly) => Assert.True(Store.AddFeedback(new AlertFeedback(open[(subject, family)].AlertId, Now, "Ada", verdict, "")));

    /// <summary>Raised and cleared.</summary>
    public void Add(string subject, DateTimeOffset raised, TimeSpan length, string family = Family.Anomaly, int severity = 412)
    {
        Raise(subject, raised, family, severity);
        Clear(subject, raised + length, family);
    }

    /// <summary>The report, read by another connection.</summary>
    public GatewayReport Count(int days = 30) => ReportCounting.Count(History.Read(Folder, ReportCounting.Begin(Now, days)), Now, days);

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        folder.Dispose();
    }

    private void Commit(Alert alert) => Store.Commit(
        [new AlertTransition(new AlertState(alert.AlertId, alert.Subject, alert.Family, alert.Sequence, alert.Active, alert.Time, AlertJson.Write(alert, "north-3")), alert.Severity, AlertJson.Name(alert.Transition), AlertJson.Write(alert, "north-3"))]);
}
