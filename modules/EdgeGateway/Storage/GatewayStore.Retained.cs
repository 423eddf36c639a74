namespace EdgeGateway.Storage;

/// <summary>What the retained states at a sink are compared with.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>The newest state of an alert, null when there is none that the sink is told of; and whether a transition of it still waits for this sink, which will bring the state there.</summary>
    public (AlertState? State, bool Waits) StateAt(string sink, string alertId) => database.Use(() =>
    {
        var state = States_NeedsLock($"SELECT {StateColumns} FROM alert WHERE alertId = $1 AND NOT EXISTS (SELECT 1 FROM withheld w WHERE w.alertId = $1 AND w.sink = $2)", alertId, sink).FirstOrDefault();
        var waits = database.Value_NeedsLock("SELECT 1 FROM entry e JOIN pending p INDEXED BY pending_entry ON p.entry = e.entry AND p.sink = $1 WHERE e.alertId = $2 LIMIT 1", sink, alertId) is not null;
        return (state, waits);
    });
}
