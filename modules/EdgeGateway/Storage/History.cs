namespace EdgeGateway.Storage;

/// <summary>What gateway.db knows of the past, for a process that is not the gateway: it may run meanwhile, and nothing is written.</summary>
/// <param name="Alerts">Open ones, and those whose newest transition is not before the asked time.</param>
/// <param name="Daily">Sums by day from the day of the asked time on; none in a database of an older version.</param>
internal sealed record History(IReadOnlyList<PastAlert> Alerts, IReadOnlyList<DailySum> Daily)
{
    /// <summary>Reads the database of a data folder.</summary>
    /// <exception cref="StorageException">There is none, or it cannot be read; <see cref="StorageException.Detail"/> says why.</exception>
    public static History Read(string folder, DateTimeOffset from)
    {
        using var database = Open(folder);
        return database.Use(() =>
        {
            var newer = Has_NeedsLock(database, "daily");
            return new History(
                Alerts_NeedsLock(
                    database, from, newer ? "raised, ended" : "NULL, NULL",
                    Has_NeedsLock(database, "feedback") ? "(SELECT verdict FROM feedback f WHERE f.alertId = alert.alertId ORDER BY number DESC LIMIT 1)" : "NULL"),
                newer ? Daily_NeedsLock(database, DateOnly.FromDateTime(from.UtcDateTime)) : []);
        });
    }

    /// <summary>The newest feedback of every alert that has one.</summary>
    /// <exception cref="StorageException">There is no database, or it cannot be read.</exception>
    public static IReadOnlyDictionary<string, AlertFeedback> ReadFeedback(string folder)
    {
        using var database = Open(folder);
        return database.Use(() =>
        {
            var newest = new Dictionary<string, AlertFeedback>(StringComparer.Ordinal);
            if (Has_NeedsLock(database, "feedback"))
            {
                using var rows = database.Query_NeedsLock("SELECT alertId, givenAt, givenBy, verdict, note FROM feedback ORDER BY number");
                while (rows.Read())
                {
                    newest[rows.GetString(0)] = new AlertFeedback(rows.GetString(0), Time(rows.GetInt64(1)), rows.GetString(2), rows.GetString(3), rows.GetString(4));
                }
            }

            return newest;
        });
    }

    private static Database Open(string folder)
    {
        var path = Path.Combine(folder, "gateway.db");
        return File.Exists(path) ? Database.OpenReadOnly(path)
            : throw new StorageException(StorageFault.Failed, path, "there is no such file: name the folder that the gateway keeps its data in, with --data DIR");
    }

    private static bool Has_NeedsLock(Database database, string table) => database.Value_NeedsLock("SELECT 1 FROM sqlite_schema WHERE name = $1", table) is not null;

    private static List<PastAlert> Alerts_NeedsLock(Database database, DateTimeOffset from, string times, string verdict)
    {
        using var rows = database.Query_NeedsLock($"SELECT subject, family, {times}, time, state, {verdict} FROM alert WHERE open = 1 OR time >= $1 ORDER BY time, alertId", from.UtcTicks);
        var alerts = new List<PastAlert>();
        while (rows.Read())
        {
            alerts.Add(new PastAlert(
                rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : Time(rows.GetInt64(2)), Time(rows.GetInt64(rows.IsDBNull(3) ? 4 : 3)), rows.GetFieldValue<byte[]>(5),
                rows.IsDBNull(6) ? null : rows.GetString(6)));
        }

        return alerts;
    }

    private static List<DailySum> Daily_NeedsLock(Database database, DateOnly from)
    {
        using var rows = database.Query_NeedsLock("SELECT day, name, value FROM daily WHERE day >= $1 ORDER BY day, name", from.DayNumber);
        var sums = new List<DailySum>();
        while (rows.Read())
        {
            sums.Add(new DailySum(DateOnly.FromDayNumber(rows.GetInt32(0)), rows.GetString(1), rows.GetInt64(2)));
        }

        return sums;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}

/// <summary>One alert as its newest transition left it.</summary>
/// <param name="Raised">Event time of the first transition; null where it was not noted.</param>
/// <param name="Ended">Event time of the transition that ended it; where that was not noted, or it has not ended, of the newest one.</param>
/// <param name="State">The CloudEvents JSON of the newest one.</param>
/// <param name="Verdict">That of the newest <see cref="AlertFeedback"/>; null where nobody gave any.</param>
internal sealed record PastAlert(string Subject, string Family, DateTimeOffset? Raised, DateTimeOffset Ended, ReadOnlyMemory<byte> State, string? Verdict);

/// <summary>What a counter grew by on a day (UTC, by the gateway's clock).</summary>
internal sealed record DailySum(DateOnly Day, string Name, long Value);
