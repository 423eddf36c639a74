namespace EdgeGateway.Storage;

/// <summary>
/// The outbox: every sink has its own progress. Within a subject entries leave first in first out; between subjects the
/// one whose oldest pending entry is the most severe leaves first, then the older. An entry that no sink waits for is deleted.
/// </summary>
internal sealed partial class GatewayStore
{
    /// <summary>Entries that a sink is just being sent: they are neither folded nor do their alerts go. With the rank that was taken from them for it, if one was.</summary>
    private readonly Dictionary<string, Dictionary<long, long?>> taken = [];

    /// <summary>
    /// Names the sinks that from now on get every new alert; kept over a restart. A new sink begins with the next alert that is raised.
    /// What a sink that is no longer named had pending can never be delivered and is dropped; returns how many rows, to be counted.
    /// </summary>
    public int RegisterSinks(IReadOnlyList<string> sinks) => Change(() =>
    {
        var dropped = 0;
        foreach (var gone in tallies.Keys.Except(sinks))
        {
            dropped += database.Execute_NeedsLock("DELETE FROM pending WHERE sink = $1", gone);
            database.Execute_NeedsLock("DELETE FROM withheld WHERE sink = $1", gone);
            database.Execute_NeedsLock("DELETE FROM sink WHERE name = $1", gone);
        }

        foreach (var added in sinks.Except(tallies.Keys))
        {
            database.Execute_NeedsLock("INSERT INTO sink (name) VALUES ($1)", added);
            database.Execute_NeedsLock("INSERT INTO withheld (alertId, sink) SELECT alertId, $1 FROM alert", added);
        }

        database.Execute_NeedsLock("DELETE FROM entry WHERE NOT EXISTS (SELECT 1 FROM pending WHERE pending.entry = entry.entry)");
        tallies = Tallies_NeedsLock();
        return dropped;
    });

    /// <summary>The entries that this sink sends next, in sending order; ask again after an entry could not be sent.</summary>
    public IReadOnlyList<OutboxEntry> NextPending(string sink, int max) => database.Use(() => Next_NeedsLock(sink, max, urgentOnly: false).ConvertAll(n => n.Entry));

    /// <summary>
    /// The same, to be sent now: until <see cref="Settle"/> the sink may have seen them. Where a backlog could make alerts go, that is on disk before it returns,
    /// so that after a kill as well none goes whose raise the sink has.
    /// </summary>
    /// <param name="urgentOnly">Only urgent entries, and what must leave before them.</param>
    public IReadOnlyList<OutboxEntry> Take(string sink, int max, bool urgentOnly = false)
    {
        ExpireWhenDue();
        return database.Use(() =>
        {
            var now = clock.GetUtcNow().UtcTicks;
            var next = Next_NeedsLock(sink, max, urgentOnly);
            var crowded = tallies.TryGetValue(sink, out var tally) && tally.Entries >= Bounds.FoldFrom;
            var marked = next.Where(n => n.Rank is not null && (crowded || now - n.StoredAt > Bounds.Expiry.Ticks / 2)).ToDictionary(n => n.Entry.Entry, n => n.Rank);
            if (marked.Count > 0)
            {
                database.Transact(() => marked.Keys.Sum(entry => Unrank_NeedsLock(sink, entry)));
            }

            taken[sink] = next.ToDictionary(n => n.Entry.Entry, n => marked.GetValueOrDefault(n.Entry.Entry));
            return next.ConvertAll(n => n.Entry);
        });
    }

    /// <summary>Ends a <see cref="Take"/> in one transaction.</summary>
    /// <param name="delivered">Acknowledged, as with <see cref="MarkDelivered(string, IReadOnlyList{long})"/>.</param>
    /// <param name="tried">Sent and not acknowledged: the sink may have it. The others were not sent.</param>
    public void Settle(string sink, IReadOnlyList<long> delivered, long? tried = null)
    {
        Change(() =>
        {
            MarkDelivered_NeedsLock(sink, delivered);
            foreach (var (entry, rank) in taken.GetValueOrDefault(sink, []))
            {
                if (entry == tried)
                {
                    Unrank_NeedsLock(sink, entry);
                }
                else if (rank is { } before)
                {
                    Rank_NeedsLock(sink, entry, before);
                }
            }

            return true;
        });
        database.Use(() => taken.Remove(sink));
    }

    /// <summary>The sink has them: their rows go, and with the last sink's row the entry. Unknown or repeated ones do nothing.</summary>
    public void MarkDelivered(string sink, IReadOnlyList<long> entries) => Change(() => MarkDelivered_NeedsLock(sink, entries));

    /// <inheritdoc cref="MarkDelivered(string, IReadOnlyList{long})"/>
    public void MarkDelivered(string sink, long entry) => MarkDelivered(sink, [entry]);

    /// <summary>
    /// The sink can never deliver it: it leaves the outbox as with <see cref="MarkDelivered(string, long)"/>, and is kept with the reason among the newest dead letters. An
    /// alert whose raise is one has its later transitions put aside too: the sink is not told of the end of something that it never heard of.
    /// </summary>
    public void MarkDead(string sink, OutboxEntry entry, string reason) => Change(() =>
    {
        if (Remove_NeedsLock(sink, entry.Entry) is not { } removed)
        {
            return false;
        }

        PutAside_NeedsLock(sink, entry, reason);
        if (removed.First == 1)
        {
            foreach (var later in Waiting_NeedsLock(sink, entry.AlertId))
            {
                PutAside_NeedsLock(sink, Entry_NeedsLock(sink, later.Entry).Entry, $"its raise could not be delivered: {reason}");
                Remove_NeedsLock(sink, later.Entry);
            }

            Withhold_NeedsLock(sink, entry.AlertId);
            Count(sink, t => t with { Dead = t.Dead + 1 });
        }

        return true;
    });

    private bool MarkDelivered_NeedsLock(string sink, IReadOnlyList<long> entries)
    {
        foreach (var removed in entries.Select(entry => Remove_NeedsLock(sink, entry)).OfType<Waiting>())
        {
            Count(sink, t => t with { DeliveredEntries = t.DeliveredEntries + 1, Delivered = t.Delivered + (removed.First == 1 ? 1 : 0) });
        }

        return true;
    }

    private int Unrank_NeedsLock(string sink, long entry) => database.Execute_NeedsLock("UPDATE pending INDEXED BY pending_entry SET rank = NULL WHERE sink = $1 AND entry = $2 AND rank IS NOT NULL", sink, entry);

    /// <summary>It was not sent after all. Its alert may have become more severe meanwhile.</summary>
    private void Rank_NeedsLock(string sink, long entry, long before) => database.Execute_NeedsLock(
        """
        UPDATE pending SET rank = MAX($3, (SELECT MAX(o.severity) FROM entry o JOIN pending p INDEXED BY pending_entry ON p.entry = o.entry AND p.sink = $1
          WHERE o.alertId = (SELECT e.alertId FROM entry e WHERE e.entry = $2))) WHERE sink = $1 AND entry = $2
        """,
        sink, entry, before);

    private List<(OutboxEntry Entry, long? Rank, long StoredAt)> Next_NeedsLock(string sink, int max, bool urgentOnly)
    {
        var waiting = Heads_NeedsLock(sink, max, urgentOnly);
        var next = new List<(OutboxEntry Entry, long? Rank, long StoredAt)>();
        while (next.Count < max && waiting.TryDequeue(out var number, out _))
        {
            var row = Entry_NeedsLock(sink, number);
            next.Add(row);
            EnqueueFollower_NeedsLock(sink, row.Entry, waiting, urgentOnly);
        }

        return next;
    }

    /// <summary>The best heads: no other subject can be among the next max entries. Ordered by severity, then age.</summary>
    private PriorityQueue<long, (int, long)> Heads_NeedsLock(string sink, int max, bool urgentOnly)
    {
        var heads = new PriorityQueue<long, (int, long)>();
        using var rows = database.Query_NeedsLock(
            urgentOnly
                ? """
                  SELECT entry, severity FROM pending WHERE sink = $1 AND head = 1 AND subject IN (SELECT subject FROM pending INDEXED BY pending_urgent WHERE sink = $1 AND urgent = 1)
                  ORDER BY severity DESC, entry LIMIT $2
                  """
                : "SELECT entry, severity FROM pending WHERE sink = $1 AND head = 1 ORDER BY severity DESC, entry LIMIT $2",
            sink, max);
        while (rows.Read())
        {
            heads.Enqueue(rows.GetInt64(0), (-rows.GetInt32(1), rows.GetInt64(0)));
        }

        return heads;
    }

    private void EnqueueFollower_NeedsLock(string sink, OutboxEntry entry, PriorityQueue<long, (int, long)> waiting, bool urgentOnly)
    {
        using var rows = database.Query_NeedsLock(
            urgentOnly
                ? """
                  SELECT entry, severity FROM pending WHERE sink = $1 AND subject = $2 AND entry > $3
                    AND entry <= (SELECT MAX(entry) FROM pending INDEXED BY pending_urgent WHERE sink = $1 AND subject = $2 AND urgent = 1) ORDER BY entry LIMIT 1
                  """
                : "SELECT entry, severity FROM pending WHERE sink = $1 AND subject = $2 AND entry > $3 ORDER BY entry LIMIT 1",
            sink, entry.Subject, entry.Entry);
        if (rows.Read())
        {
            waiting.Enqueue(rows.GetInt64(0), (-rows.GetInt32(1), rows.GetInt64(0)));
        }
    }

    private (OutboxEntry Entry, long? Rank, long StoredAt) Entry_NeedsLock(string sink, long number)
    {
        using var rows = database.Query_NeedsLock(
            """
            SELECT e.entry, e.alertId, e.sequence, e.subject, e.severity, e.transition, e.time, e.body, p.first,
              EXISTS (SELECT 1 FROM pending u INDEXED BY pending_urgent WHERE u.sink = $1 AND u.subject = e.subject AND u.urgent = 1 AND u.entry >= e.entry), p.rank, e.storedAt
            FROM entry e JOIN pending p INDEXED BY pending_entry ON p.entry = e.entry AND p.sink = $1 WHERE e.entry = $2
            """,
            sink, number);
        rows.Read();
        var entry = new OutboxEntry(
            rows.GetInt64(0), rows.GetString(1), rows.GetInt32(2), rows.GetString(3), rows.GetInt32(4), rows.GetString(5),
            new DateTimeOffset(rows.GetInt64(6), TimeSpan.Zero), rows.GetFieldValue<byte[]>(7))
        {
            First = rows.GetInt32(8),
            Urgent = rows.GetBoolean(9),
        };
        return (entry, rows.IsDBNull(10) ? null : rows.GetInt64(10), rows.GetInt64(11));
    }
}
