using System.Collections.Frozen;
using EdgeGateway.Alerts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Delivery;

/// <summary>Alerts -> outbox: each transition and the alert's state are committed in one transaction before any sink sees it.</summary>
/// <param name="upstream">Those of the sinks that are not told of what is only observed.</param>
internal sealed class Outbox(GatewayStore store, DeliveryState state, IReadOnlyList<string> sinks, IReadOnlyList<string> upstream, Accounting accounting) : IDisposable
{
    private readonly FrozenDictionary<string, SemaphoreSlim> added = sinks.ToFrozenDictionary(sink => sink, _ => new SemaphoreSlim(0));

    /// <summary>Names the sinks. Before the first <see cref="Commit"/>, so that no transition misses a sink.</summary>
    public void Open()
    {
        store.RegisterSinks(sinks);
        Use(state.Settings);
    }

    /// <summary>Goes by these settings from now on.</summary>
    public void Use(GatewaySettings settings)
    {
        state.Settings = settings;
        var storage = settings.Storage;
        store.Bounds = new OutboxBounds(storage.OutboxBytes, storage.OutboxAlerts, storage.OutboxExpiry);
        store.Observing = settings.Alerts.Mode == AlertMode.Observe ? upstream : [];
        if (store.TellObserved([.. store.OpenAlerts().Select(open => ToStored(AlertJson.Read(open.State)))]) > 0)
        {
            Signal();
        }
    }

    /// <summary>Commits transitions; equal copies, which a replayed journal makes, are ignored.</summary>
    public void Commit(IReadOnlyList<Alert> alerts)
    {
        if (alerts.Count == 0)
        {
            return;
        }

        var fresh = store.Commit([.. alerts.Select(ToStored)]);
        accounting.Of("transitions").Add(fresh);
        Signal();
    }

    /// <summary>Nothing more comes: the last checkpoint is on disk.</summary>
    public void Close() => store.MarkStopped();

    /// <summary>Returns when something was committed since this sink's last call, or the time is over.</summary>
    public async Task WaitAsync(string sink, TimeSpan longest, TimeProvider clock, CancellationToken token)
    {
        var signal = added[sink];
        using var over = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, over.Token);
        try
        {
            await signal.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return;
        }

        while (signal.CurrentCount > 0)
        {
            await signal.WaitAsync(token);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sink in added.Values)
        {
            sink.Dispose();
        }
    }

    private void Signal()
    {
        foreach (var sink in added.Values)
        {
            sink.Release();
        }
    }

    private AlertTransition ToStored(Alert alert)
    {
        var body = AlertJson.Write(alert, state.Settings.Gateway);
        var after = new AlertState(alert.AlertId, alert.Subject, alert.Family, alert.Sequence, alert.Active, alert.Time, body);
        return new AlertTransition(after, alert.Severity, AlertJson.Name(alert.Transition), body)
        {
            Urgent = alert.Family == Family.Limit,
            By = alert.By,
            Explanation = alert.Explanation,
        };
    }
}
