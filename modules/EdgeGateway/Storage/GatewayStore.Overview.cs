using System.Collections.Immutable;

namespace EdgeGateway.Storage;

/// <summary>What people look at: what waits, and what was put aside.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>Of at most 4 KiB each.</summary>
    private const int MostDeadLetters = 1000;

    /// <summary>Opens gateway.db to be looked at, also while a gateway runs on it; null where there is none. Nothing is written, and damage is not looked for.</summary>
    /// <exception cref="StorageException">It cannot be read, or has not the form of this version.</exception>
    public static GatewayStore? OpenToRead(string directory, TimeProvider clock)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var database = Database.OpenReadOnly(path);
        var (version, known) = (database.Use(() => (long)database.Value_NeedsLock("PRAGMA user_version")!), GatewaySchema.Form.Migrations.Count);
        if (version == known)
        {
            return new GatewayStore(database, clock, null);
        }

        database.Dispose();
        throw new StorageException(StorageFault.Damaged, path, $"it has schema {version} and this version knows {known}: take the EdgeGateway that runs on it, or start this one on it once");
    }

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
            SELECT s.name, COUNT(p.entry), COALESCE(SUM(p.first = 1), 0), COALESCE(SUM(LENGTH(e.body)), 0), MIN(e.storedAt), s.expired, s.evicted
            FROM sink s LEFT JOIN pending p ON p.sink = s.name LEFT JOIN entry e ON e.entry = p.entry GROUP BY s.name ORDER BY s.name
            """);
        var backlogs = new List<SinkBacklog>();
        while (rows.Read())
        {
            var age = rows.IsDBNull(4) ? TimeSpan.Zero : now - new DateTimeOffset(rows.GetInt64(4), TimeSpan.Zero);
            backlogs.Add(new SinkBacklog(rows.GetString(0), rows.GetInt32(1), rows.GetInt32(2), rows.GetInt64(3), age < TimeSpan.Zero ? TimeSpan.Zero : age)
            {
                Expired = rows.GetInt64(5),
                Evicted = rows.GetInt64(6),
                Tally = tallies.GetValueOrDefault(rows.GetString(0), new SinkTally()),
            });
        }

        return backlogs;
    });

    private void PutAside_NeedsLock(string sink, OutboxEntry entry, string reason)
    {
        database.Execute_NeedsLock(
            "INSERT INTO dead_letter (sink, alertId, sequence, subject, time, storedAt, reason, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            sink, entry.AlertId, entry.Sequence, entry.Subject, entry.Time.UtcTicks, clock.GetUtcNow().UtcTicks, reason, entry.Body.ToArray());
        database.Execute_NeedsLock("DELETE FROM dead_letter WHERE number <= (SELECT MAX(number) FROM dead_letter) - $1", MostDeadLetters);
        Count(sink, t => t with { DeadEntries = t.DeadEntries + 1 });
    }
}
