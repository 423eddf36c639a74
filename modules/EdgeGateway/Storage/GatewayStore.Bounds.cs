using System.Collections.Immutable;

namespace EdgeGateway.Storage;

/// <summary>How the outbox stays bounded, sink by sink: folding, expiry and eviction (docs/adr/0009).</summary>
internal sealed partial class GatewayStore
{
    private ImmutableDictionary<string, SinkTally> tallies = ImmutableDictionary<string, SinkTally>.Empty;

    /// <summary>How much may wait for each sink; what is beyond goes with the next commit.</summary>
    public OutboxBounds Bounds { get; set; } = OutboxBounds.Default;

    /// <summary>By sink.</summary>
    public ImmutableDictionary<string, SinkTally> Tallies => database.Use(() => tallies);

    /// <summary>A row of one sink.</summary>
    /// <param name="Rank">Null where the sink may have seen the alert's raise.</param>
    private sealed record Waiting(long Entry, string AlertId, long First, long? Rank);

    /// <summary>As <see cref="Database.Transact{T}"/>; what was counted in between holds only if the transaction does.</summary>
    private T Change<T>(Func<T> work) => database.Use(() =>
    {
        var before = tallies;
        try
        {
            return database.Transact(work);
        }
        catch
        {
            tallies = before;
            throw;
        }
    });

    private void Count(string sink, Func<SinkTally, SinkTally> change) => tallies = tallies.SetItem(sink, change(tallies[sink]));

    private ImmutableDictionary<string, SinkTally> Tallies_NeedsLock()
    {
        using var rows = database.Query_NeedsLock(
            """
            SELECT s.name, COUNT(p.entry), COALESCE(SUM(LENGTH(e.body)), 0), COUNT(DISTINCT e.alertId), COALESCE(SUM(p.first = 1), 0)
            FROM sink s LEFT JOIN pending p ON p.sink = s.name LEFT JOIN entry e ON e.entry = p.entry GROUP BY s.name
            """);
        var loaded = ImmutableDictionary.CreateBuilder<string, SinkTally>();
        while (rows.Read())
        {
            loaded[rows.GetString(0)] = new SinkTally(rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), CarriedAlerts: rows.GetInt64(4), CarriedEntries: rows.GetInt64(1));
        }

        return loaded.ToImmutable();
    }

    /// <summary>Without a sink there is nobody to tell: the state alone is kept.</summary>
    private void AddEntry_NeedsLock(AlertTransition transition, DateTimeOffset now)
    {
        long? entry = null;
        foreach (var sink in tallies.Keys)
        {
            Observe_NeedsLock(sink, transition.State);
            var isWithheld = database.Value_NeedsLock("SELECT 1 FROM withheld WHERE alertId = $1 AND sink = $2", transition.State.AlertId, sink) is not null;
            Count(sink, t => t with { NewEntries = t.NewEntries + 1, Withheld = t.Withheld + (isWithheld ? 1 : 0) });
            if (!isWithheld)
            {
                entry ??= Insert_NeedsLock(transition, now);
                AddPending_NeedsLock(sink, entry.Value, transition, transition.State.Sequence);
            }
        }
    }

    private long Insert_NeedsLock(AlertTransition transition, DateTimeOffset now) => (long)database.Value_NeedsLock(
        """
        INSERT INTO entry (alertId, sequence, subject, severity, transition, time, storedAt, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING entry
        """,
        transition.State.AlertId, transition.State.Sequence, transition.State.Subject, transition.Severity, transition.Transition,
        transition.State.Time.UtcTicks, now.UtcTicks, transition.Body.ToArray())!;

    /// <param name="from">Lowest sequence that the transition stands for.</param>
    private void AddPending_NeedsLock(string sink, long entry, AlertTransition transition, int from)
    {
        var state = transition.State;
        var waiting = Waiting_NeedsLock(sink, state.AlertId);
        var (first, rank) = ((long)from, from == 1 ? transition.Severity : (long?)null);
        if (tallies[sink].Entries >= Bounds.FoldFrom)
        {
            var inFlight = taken.GetValueOrDefault(sink, []);
            foreach (var old in waiting.Where(w => !inFlight.ContainsKey(w.Entry)))
            {
                first = Math.Min(first, old.First);
                rank = old.First > 1 ? rank : old.Rank is { } highest ? Math.Max(highest, transition.Severity) : null;
                Remove_NeedsLock(sink, old.Entry);
                Count(sink, t => t with { Folded = t.Folded + 1 });
            }

            waiting.RemoveAll(w => !inFlight.ContainsKey(w.Entry));
        }

        foreach (var raise in waiting.Where(w => w.Rank < transition.Severity))
        {
            database.Execute_NeedsLock("UPDATE pending SET rank = $3 WHERE sink = $1 AND entry = $2", sink, raise.Entry, transition.Severity);
        }

        database.Execute_NeedsLock(
            """
            INSERT INTO pending (sink, subject, entry, severity, head, first, rank, urgent)
            VALUES ($1, $2, $3, $4, NOT EXISTS (SELECT 1 FROM pending p WHERE p.sink = $1 AND p.subject = $2), $5, $6, $7)
            """,
            sink, state.Subject, entry, transition.Severity, first, (object?)rank ?? DBNull.Value, transition.Urgent ? 1 : 0);
        Count(sink, t => t with
        {
            Entries = t.Entries + 1,
            Bytes = t.Bytes + transition.Body.Length,
            Alerts = t.Alerts + (waiting.Count == 0 ? 1 : 0),
            Raised = t.Raised + (from == 1 ? 1 : 0),
        });
    }

    /// <summary>What waits of an alert at a sink, oldest first.</summary>
    private List<Waiting> Waiting_NeedsLock(string sink, string alertId)
    {
        using var rows = database.Query_NeedsLock(
            "SELECT p.entry, p.first, p.rank FROM entry e JOIN pending p INDEXED BY pending_entry ON p.entry = e.entry AND p.sink = $1 WHERE e.alertId = $2 ORDER BY p.entry", sink, alertId);
        var waiting = new List<Waiting>();
        while (rows.Read())
        {
            waiting.Add(new Waiting(rows.GetInt64(0), alertId, rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.GetInt64(2)));
        }

        return waiting;
    }

    /// <summary>Null when it does not wait for this sink.</summary>
    private Waiting? Remove_NeedsLock(string sink, long entry)
    {
        if (Find_NeedsLock(sink, entry) is not (var row, var subject, var bytes))
        {
            return null;
        }

        database.Execute_NeedsLock("DELETE FROM pending WHERE sink = $1 AND subject = $2 AND entry = $3", sink, subject, entry);
        database.Execute_NeedsLock(
            """
            UPDATE pending SET head = 1 WHERE head = 0 AND sink = $1 AND subject = $2
              AND entry = (SELECT MIN(entry) FROM pending WHERE sink = $1 AND subject = $2)
            """,
            sink, subject);
        var isLast = Waiting_NeedsLock(sink, row.AlertId).Count == 0;
        database.Execute_NeedsLock("DELETE FROM entry WHERE entry = $1 AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.entry = $1)", entry);
        Count(sink, t => t with { Entries = t.Entries - 1, Bytes = t.Bytes - bytes, Alerts = t.Alerts - (isLast ? 1 : 0) });
        return row;
    }

    private (Waiting Row, string Subject, long Bytes)? Find_NeedsLock(string sink, long entry)
    {
        using var rows = database.Query_NeedsLock(
            "SELECT e.alertId, p.first, p.rank, p.subject, LENGTH(e.body) FROM pending p INDEXED BY pending_entry JOIN entry e ON e.entry = p.entry WHERE p.entry = $1 AND p.sink = $2", entry, sink);
        return rows.Read() ? (new Waiting(entry, rows.GetString(0), rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.GetInt64(2)), rows.GetString(3), rows.GetInt64(4)) : null;
    }

    private void KeepWithinBounds_NeedsLock()
    {
        foreach (var sink in tallies.Keys)
        {
            while ((tallies[sink].Bytes > Bounds.Bytes || tallies[sink].Alerts > Bounds.Alerts) && Mildest_NeedsLock(sink) is { } alertId)
            {
                Withdraw_NeedsLock(sink, alertId);
                database.Execute_NeedsLock("UPDATE sink SET evicted = evicted + 1 WHERE name = $1", sink);
                Count(sink, t => t with { Evicted = t.Evicted + 1 });
            }
        }
    }

    /// <summary>Of the alerts that the sink has seen nothing of the one with the lowest severity, and of these the oldest.</summary>
    private string? Mildest_NeedsLock(string sink)
    {
        var inFlight = taken.GetValueOrDefault(sink, []);
        using var rows = database.Query_NeedsLock(
            "SELECT p.entry, e.alertId FROM pending p JOIN entry e ON e.entry = p.entry WHERE p.sink = $1 AND p.rank IS NOT NULL ORDER BY p.rank, p.entry LIMIT $2",
            sink, inFlight.Count + 1);
        while (rows.Read())
        {
            if (!inFlight.ContainsKey(rows.GetInt64(0)))
            {
                return rows.GetString(1);
            }
        }

        return null;
    }

    /// <summary>The sink is told nothing of this alert, now or later.</summary>
    private void Withdraw_NeedsLock(string sink, string alertId)
    {
        foreach (var waiting in Waiting_NeedsLock(sink, alertId))
        {
            Remove_NeedsLock(sink, waiting.Entry);
            Count(sink, t => t with { Withheld = t.Withheld + 1 });
        }

        Withhold_NeedsLock(sink, alertId);
    }

    private void Withhold_NeedsLock(string sink, string alertId) => database.Execute_NeedsLock("INSERT OR IGNORE INTO withheld (alertId, sink) VALUES ($1, $2)", alertId, sink);
}
