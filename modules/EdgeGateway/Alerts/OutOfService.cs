using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Alerts;

/// <summary>
/// What maintenance does to alerts: an alert of the gateway's own says that the asset is out of service, the asset's open alerts say so too, and none of its raises is told
/// meanwhile. The own alert is on disk, so that maintenance survives a kill. Used by the Alerts stage alone.
/// </summary>
internal sealed class OutOfService(LifeCycle lifeCycle, AlertContent content, Accounting accounting)
{
    private readonly Dictionary<string, DateTimeOffset> until = new(StringComparer.Ordinal);

    /// <summary>After a restart open alerts may not say yet what the own one says: they do with the next tick.</summary>
    private bool isSettled = true;

    private string Prefix => content.MaintenanceSubject("");

    /// <summary>What alerts that earlier runs left on disk say of maintenance, for the Windows stage to go on from.</summary>
    public IEnumerable<AssetMaintenance> Told(IEnumerable<Alert> alerts)
    {
        foreach (var asset in alerts.Where(a => a.Subject.StartsWith(Prefix, StringComparison.Ordinal)).GroupBy(a => a.Subject))
        {
            // of an asset that is out of service it does not matter when it was so before
            var newest = asset.FirstOrDefault(a => a.Active) ?? asset.MaxBy(a => a.Time)!;
            var begin = newest.Active || newest.WindowEnd < newest.Time ? newest.WindowEnd : newest.Time;
            var told = new AssetMaintenance(asset.Key[Prefix.Length..], newest.OutOfServiceUntil ?? newest.Time, begin, "", newest.Judge == AlertContent.Operator);
            yield return told;
            if (!newest.Active)
            {
                yield return told with { Until = null, At = newest.Time };
            }
        }
    }

    /// <summary>Whether a raise is not told because somebody works on the asset.</summary>
    public bool Holds(Alert raised) => raised.Family != Family.Own && until.ContainsKey(raised.Asset);

    /// <summary>An asset goes out of service, or comes back.</summary>
    public void Take(AssetMaintenance change, List<Alert> transitions)
    {
        if (!change.IsTold)
        {
            // first, so that a kill in between leaves what the others can be brought in line with
            Tell(change, transitions);
        }

        Note(change.Asset, change.Until);
        Settle(lifeCycle.Conditions.All.Where(c => c.Newest?.Asset == change.Asset), change.At, change.By, transitions);
        if (change.Until is null)
        {
            lifeCycle.TellHeld(transitions);
        }
    }

    /// <summary>After the conditions were restored.</summary>
    public void Resume()
    {
        isSettled = false;
        foreach (var asset in until.Keys.ToList())
        {
            Note(asset, null);
        }

        foreach (var condition in lifeCycle.Conditions.All.Where(c => c.IsOpen && c.Subject.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            Note(condition.Subject[Prefix.Length..], condition.Newest!.OutOfServiceUntil);
        }
    }

    /// <summary>Our clock has come to here.</summary>
    public void Tick(DateTimeOffset now, List<Alert> transitions)
    {
        if (!isSettled)
        {
            isSettled = true;
            Settle(lifeCycle.Conditions.All, now, "", transitions);
        }
    }

    /// <summary>The asset has no sensor any more.</summary>
    public void Forget(string asset, DateTimeOffset at, List<Alert> transitions)
    {
        Note(asset, null);
        lifeCycle.Forget(content.MaintenanceSubject(asset), Family.Own, at, transitions);
    }

    private void Note(string asset, DateTimeOffset? time)
    {
        var counter = accounting.Of("assets.maintenance");
        counter.Add(until.Remove(asset) ? -1 : 0);
        if (time is { } end)
        {
            until.Add(asset, end);
            counter.Add();
        }
    }

    /// <summary>Open alerts say until when their asset is out of service, or that it is back.</summary>
    private void Settle(IEnumerable<Condition> conditions, DateTimeOffset at, string by, List<Alert> transitions)
    {
        foreach (var condition in conditions.Where(c => c.IsOpen && c.Family != Family.Own).ToList())
        {
            var open = condition.Newest!;
            var wanted = until.TryGetValue(open.Asset, out var end) ? end : (DateTimeOffset?)null;
            if (open.OutOfServiceUntil != wanted)
            {
                lifeCycle.Step(condition, open.Next(wanted is null ? Transition.InService : Transition.OutOfService, at, active: true) with { OutOfServiceUntil = wanted, By = by }, transitions);
            }
        }
    }

    /// <summary>The own alert is a fact rather than an alarm: it is never held back, and is over when the maintenance is, however often that changes.</summary>
    private void Tell(AssetMaintenance change, List<Alert> transitions)
    {
        var condition = lifeCycle.Conditions.Of(content.MaintenanceSubject(change.Asset), Family.Own);
        if (change.Until is null)
        {
            if (condition.IsOpen)
            {
                lifeCycle.Step(condition, condition.Newest!.Next(Transition.Cleared, change.At, active: false) with { By = change.By }, transitions);
            }
        }
        else if (condition.Newest is { Active: true } open)
        {
            var fresh = content.Maintenance(change);
            lifeCycle.Step(condition, open.Next(Transition.Updated, change.At, active: true) with { OutOfServiceUntil = change.Until, Judge = fresh.Judge, Evidence = fresh.Evidence, Text = fresh.Text, By = change.By }, transitions);
        }
        else
        {
            lifeCycle.Step(condition, lifeCycle.WithOwnId(condition, content.Maintenance(change)), transitions);
        }
    }
}
