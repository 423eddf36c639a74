using System.Globalization;

namespace EdgeGateway.Storage;

/// <summary>
/// What the gateway must not forget: alert states, the outbox, and a few small facts, in gateway.db.
/// Any thread may call; one lock serves all, since the whole traffic is some hundred small transactions a day.
/// Every writing method has its effect on the disk when it returns, and throws <see cref="StorageException"/> when it has none.
/// After <see cref="StorageFault.Full"/> the same call may be made again later; after <see cref="StorageFault.Failed"/> only a restart says what is stored.
/// </summary>
internal sealed partial class GatewayStore : IDisposable
{
    internal const string FileName = "gateway.db";
    private const string StateColumns = "alertId, subject, family, sequence, open, time, state";
    private const string RunningFact = "running since";

    private readonly Database database;
    private readonly TimeProvider clock;

    private GatewayStore(Database database, TimeProvider clock, StoreDamage? damage)
    {
        this.database = database;
        this.clock = clock;
        Damage = damage;
        database.Use(() => tallies = Tallies_NeedsLock());
        ReadAges();
    }

    /// <summary>Set when the former database could not be used: alerts and entries in it are missing, say so.</summary>
    public StoreDamage? Damage { get; }

    /// <summary>Opens or makes gateway.db in the folder. A damaged one is moved aside and noted in <see cref="Damage"/>.</summary>
    public static GatewayStore Open(string directory, TimeProvider clock)
    {
        var database = DatabaseFile.Open(Path.Combine(directory, FileName), GatewaySchema.Form, clock, out var damage);
        return new GatewayStore(database, clock, damage);
    }

    /// <summary>
    /// Stores the states and one outbox entry each, pending for every registered sink: all or none; what is too much then goes. A transition that
    /// is already known (a replayed journal makes it again) is ignored. Returns how many were new.
    /// </summary>
    public int Commit(IReadOnlyList<AlertTransition> transitions) => Change(() =>
    {
        var now = clock.GetUtcNow();
        var added = 0;
        ExpireWhenDue_NeedsLock(now);
        foreach (var transition in transitions)
        {
            if (PutState_NeedsLock(transition.State, now))
            {
                AddEntry_NeedsLock(transition, now);
                AddStep_NeedsLock(transition);
                added++;
            }
        }

        KeepWithinBounds_NeedsLock();
        Prune_NeedsLock(now, added);
        return added;
    });

    /// <summary>Alerts whose condition still holds, oldest first.</summary>
    public IReadOnlyList<AlertState> OpenAlerts() =>
        database.Use(() => States_NeedsLock($"SELECT {StateColumns} FROM alert WHERE open = 1 ORDER BY time, alertId"));

    /// <summary>
    /// The newest ended alert of each (subject, family) that ended at or after the given event time. With an older
    /// sensor snapshot the Alerts stage learns from it which conditions have ended since. Kept for 30 days.
    /// </summary>
    public IReadOnlyList<AlertState> LastEnded(DateTimeOffset since) => database.Use(() => States_NeedsLock(
        $"SELECT {StateColumns}, MAX(time) FROM alert WHERE open = 0 AND time >= $1 GROUP BY subject, family", since.UtcTicks));

    /// <summary>Topic filters that the broker may still hold for our session.</summary>
    public IReadOnlyList<string> LoadSubscriptions() => database.Use(() =>
    {
        using var rows = database.Query_NeedsLock("SELECT filter FROM subscription ORDER BY filter");
        var filters = new List<string>();
        while (rows.Read())
        {
            filters.Add(rows.GetString(0));
        }

        return filters;
    });

    /// <summary>Replaces the list. Save before subscribing, and again after unsubscribing: the list may name too many, never too few.</summary>
    public void SaveSubscriptions(IReadOnlyList<string> filters) => database.Transact(() =>
    {
        database.Execute_NeedsLock("DELETE FROM subscription");
        foreach (var filter in filters)
        {
            database.Execute_NeedsLock("INSERT OR IGNORE INTO subscription (filter) VALUES ($1)", filter);
        }

        return filters.Count;
    });

    /// <summary>A small value under a name, such as the last checkpointed event time; null when never written.</summary>
    public string? ReadFact(string name) => database.Use(() => (string?)database.Value_NeedsLock("SELECT value FROM fact WHERE name = $1", name));

    public void WriteFact(string name, string value) => database.Use(() => database.Execute_NeedsLock(
        "INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value));

    /// <summary>Notes that a run begins, and returns when the run before began if it did not end whole; null after a whole one and at the first start.</summary>
    public DateTimeOffset? MarkStarted()
    {
        var before = ReadFact(RunningFact) is { Length: > 0 } began ? DateTimeOffset.ParseExact(began, "O", CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
        WriteFact(RunningFact, clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        return before;
    }

    /// <summary>Notes that the run ended whole: the state of all stages is on disk.</summary>
    public void MarkStopped() => WriteFact(RunningFact, "");

    public void Dispose() => database.Dispose();

    /// <summary>False when this transition or a later one of the alert is already stored.</summary>
    private bool PutState_NeedsLock(AlertState state, DateTimeOffset now) => database.Execute_NeedsLock(
        """
        INSERT INTO alert (alertId, subject, family, sequence, open, time, storedAt, state, raised, ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE $4 WHEN 1 THEN $6 END, CASE $5 WHEN 0 THEN $6 END)
        ON CONFLICT (alertId) DO UPDATE SET subject = excluded.subject, family = excluded.family, sequence = excluded.sequence,
          open = excluded.open, time = excluded.time, storedAt = excluded.storedAt, state = excluded.state,
          ended = CASE excluded.open WHEN 0 THEN COALESCE(alert.ended, CASE alert.open WHEN 0 THEN alert.time END, excluded.time) END
        WHERE excluded.sequence > alert.sequence
        """,
        state.AlertId, state.Subject, state.Family, state.Sequence, state.Open ? 1 : 0, state.Time.UtcTicks, now.UtcTicks, state.State.ToArray()) > 0;

    private List<AlertState> States_NeedsLock(string sql, params ReadOnlySpan<object> values)
    {
        using var rows = database.Query_NeedsLock(sql, values);
        var states = new List<AlertState>();
        while (rows.Read())
        {
            states.Add(new AlertState(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetInt32(3), rows.GetInt64(4) != 0,
                new DateTimeOffset(rows.GetInt64(5), TimeSpan.Zero), rows.GetFieldValue<byte[]>(6)));
        }

        return states;
    }
}
