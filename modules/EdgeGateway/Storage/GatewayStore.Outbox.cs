namespace EdgeGateway.Storage;

/// <summary>
/// The outbox: every sink has its own progress. Within a subject entries leave first in first out; between subjects the
/// one whose oldest pending entry is the most severe leaves first, then the older. An entry that no sink waits for is deleted.
/// </summary>
internal sealed partial class GatewayStore
{
    private const string EntryColumns = "e.entry, e.alertId, e.sequence, e.subject, e.severity, e.transition, e.time, e.body";

    /// <summary>Of at most 4 KiB each.</summary>
    private const int MostDeadLetters = 1000;

    /// <summary>
    /// Names the sinks that from now on get every new entry; kept over a restart. A new sink begins with the next entry.
    /// What a sink that is no longer named had pending can never be delivered and is dropped; returns how many rows, to be counted.
    /// </summary>
    public int RegisterSinks(IReadOnlyList<string> sinks) => database.Transact(() =>
    {
        database.Execute_NeedsLock("DELETE FROM sink");
        foreach (var sink in sinks)
        {
            database.Execute_NeedsLock("INSERT OR IGNORE INTO sink (name) VALUES ($1)", sink);
        }

        var dropped = database.Execute_NeedsLock("DELETE FROM pending WHERE sink NOT IN (SELECT name FROM sink)");
        database.Execute_NeedsLock("DELETE FROM entry WHERE NOT EXISTS (SELECT 1 FROM pending WHERE pending.entry = entry.entry)");
        return dropped;
    });

    /// <summary>The entries that this sink sends next, in sending order. They stay pending until <see cref="MarkDelivered"/>; ask again after an entry could not be sent.</summary>
    public IReadOnlyList<OutboxEntry> NextPending(string sink, int max) => database.Use(() =>
    {
        var waiting = Heads_NeedsLock(sink, max);
        var next = new List<OutboxEntry>();
        while (next.Count < max && waiting.TryDequeue(out var number, out _))
        {
            var entry = Entry_NeedsLock(number);
            next.Add(entry);
            EnqueueFollower_NeedsLock(sink, entry, waiting);
        }

        return next;
    });

    /// <summary>The sink has it: its row goes, and with the last sink's row the entry. Unknown or repeated calls do nothing.</summary>
    public void MarkDelivered(string sink, long entry) => database.Transact(() => Remove_NeedsLock(sink, entry));

    /// <summary>The sink can never deliver it: it leaves the outbox as with <see cref="MarkDelivered"/>, and is kept with the reason among the newest dead letters.</summary>
    public void MarkDead(string sink, OutboxEntry entry, string reason) => database.Transact(() =>
    {
        if (Remove_NeedsLock(sink, entry.Entry))
        {
            database.Execute_NeedsLock(
                "INSERT INTO dead_letter (sink, alertId, sequence, subject, time, storedAt, reason, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                sink, entry.AlertId, entry.Sequence, entry.Subject, entry.Time.UtcTicks, clock.GetUtcNow().UtcTicks, reason, entry.Body.ToArray());
            database.Execute_NeedsLock("DELETE FROM dead_letter WHERE number <= (SELECT MAX(number) FROM dead_letter) - $1", MostDeadLetters);
        }

        return true;
    });

    /// <summary>Dead letters, oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters() => database.Use(() =>
    {
        using var rows = database.Query_NeedsLock("SELECT sink, alertId, sequence, subject, time, reason, body FROM dead_letter ORDER BY number");
        var letters = new List<DeadLetter>();
        while (rows.Read())
        {
            letters.Add(new DeadLetter(rows.GetString(0), rows.GetString(1), rows.GetInt32(2), rows.GetString(3), new DateTimeOffset(rows.GetInt64(4), TimeSpan.Zero), rows.GetString(5), rows.GetFieldValue<byte[]>(6)));
        }

        return letters;
    });

    /// <summary>Every registered sink and what waits for it, by name.</summary>
    public IReadOnlyList<SinkBacklog> Backlogs() => database.Use(() =>
    {
        var now = clock.GetUtcNow();
        using var rows = database.Query_NeedsLock(
            """
            SELECT s.name, (SELECT COUNT(*) FROM pending p WHERE p.sink = s.name),
              (SELECT e.storedAt FROM entry e WHERE e.entry = (SELECT MIN(p.entry) FROM pending p WHERE p.sink = s.name AND p.head = 1))
            FROM sink s ORDER BY s.name
            """);
        var backlogs = new List<SinkBacklog>();
        while (rows.Read())
        {
            var age = rows.IsDBNull(2) ? TimeSpan.Zero : now - new DateTimeOffset(rows.GetInt64(2), TimeSpan.Zero);
            backlogs.Add(new SinkBacklog(rows.GetString(0), rows.GetInt32(1), age < TimeSpan.Zero ? TimeSpan.Zero : age));
        }

        return backlogs;
    });

    private bool Remove_NeedsLock(string sink, long entry)
    {
        if (database.Value_NeedsLock("SELECT subject FROM pending WHERE entry = $1 AND sink = $2", entry, sink) is not string subject)
        {
            return false;
        }

        database.Execute_NeedsLock("DELETE FROM pending WHERE sink = $1 AND subject = $2 AND entry = $3", sink, subject, entry);
        database.Execute_NeedsLock(
            """
            UPDATE pending SET head = 1 WHERE head = 0 AND sink = $1 AND subject = $2
              AND entry = (SELECT MIN(entry) FROM pending WHERE sink = $1 AND subject = $2)
            """,
            sink, subject);
        database.Execute_NeedsLock("DELETE FROM entry WHERE entry = $1 AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.entry = $1)", entry);
        return true;
    }

    /// <summary>Without a sink there is nobody to tell: the state alone is kept.</summary>
    private void AddEntry_NeedsLock(AlertTransition transition, DateTimeOffset now)
    {
        if (database.Value_NeedsLock("SELECT 1 FROM sink LIMIT 1") is null)
        {
            return;
        }

        var state = transition.State;
        var entry = (long)database.Value_NeedsLock(
            """
            INSERT INTO entry (alertId, sequence, subject, severity, transition, time, storedAt, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING entry
            """,
            state.AlertId, state.Sequence, state.Subject, transition.Severity, transition.Transition,
            state.Time.UtcTicks, now.UtcTicks, transition.Body.ToArray())!;
        database.Execute_NeedsLock(
            """
            INSERT INTO pending (sink, subject, entry, severity, head)
            SELECT s.name, $1, $2, $3, NOT EXISTS (SELECT 1 FROM pending p WHERE p.sink = s.name AND p.subject = $1) FROM sink s
            """,
            state.Subject, entry, transition.Severity);
    }

    /// <summary>The best heads: no other subject can be among the next max entries. Ordered by severity, then age.</summary>
    private PriorityQueue<long, (int, long)> Heads_NeedsLock(string sink, int max)
    {
        var heads = new PriorityQueue<long, (int, long)>();
        using var rows = database.Query_NeedsLock(
            "SELECT entry, severity FROM pending WHERE sink = $1 AND head = 1 ORDER BY severity DESC, entry LIMIT $2", sink, max);
        while (rows.Read())
        {
            heads.Enqueue(rows.GetInt64(0), (-rows.GetInt32(1), rows.GetInt64(0)));
        }

        return heads;
    }

    private void EnqueueFollower_NeedsLock(string sink, OutboxEntry entry, PriorityQueue<long, (int, long)> waiting)
    {
        using var rows = database.Query_NeedsLock(
            "SELECT entry, severity FROM pending WHERE sink = $1 AND subject = $2 AND entry > $3 ORDER BY entry LIMIT 1", sink, entry.Subject, entry.Entry);
        if (rows.Read())
        {
            waiting.Enqueue(rows.GetInt64(0), (-rows.GetInt32(1), rows.GetInt64(0)));
        }
    }

    private OutboxEntry Entry_NeedsLock(long number)
    {
        using var rows = database.Query_NeedsLock($"SELECT {EntryColumns} FROM entry e WHERE e.entry = $1", number);
        rows.Read();
        return new OutboxEntry(
            rows.GetInt64(0), rows.GetString(1), rows.GetInt32(2), rows.GetString(3), rows.GetInt32(4), rows.GetString(5),
            new DateTimeOffset(rows.GetInt64(6), TimeSpan.Zero), rows.GetFieldValue<byte[]>(7));
    }
}
