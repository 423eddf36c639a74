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
        var path = Path.Combine(folder, "gateway.db");
        if (!File.Exists(path))
        {
            throw new StorageException(StorageFault.Failed, path, "there is no such file: name the folder that the gateway keeps its data in, with --data DIR");
        }

        using var database = Database.OpenReadOnly(path);
        return database.Use(() =>
        {
            var newer = (long)database.Value_NeedsLock("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'daily'")! > 0;
            return new History(
                Alerts_NeedsLock(database, from, newer ? "raised" : "NULL"),
                newer ? Daily_NeedsLock(database, DateOnly.FromDateTime(from.UtcDateTime)) : []);
        });
    }

    private static List<PastAlert> Alerts_NeedsLock(Database database, DateTimeOffset from, string raised)
    {
        using var rows = database.Query_NeedsLock($"SELECT subject, family, {raised}, time, state FROM alert WHERE open = 1 OR time >= $1 ORDER BY time, alertId", from.UtcTicks);
        var alerts = new List<PastAlert>();
        while (rows.Read())
        {
            alerts.Add(new PastAlert(
                rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : Time(rows.GetInt64(2)), Time(rows.GetInt64(3)), rows.GetFieldValue<byte[]>(4)));
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
/// <param name="Time">Event time of the newest one.</param>
/// <param name="State">The CloudEvents JSON of the newest one.</param>
internal sealed record PastAlert(string Subject, string Family, DateTimeOffset? Raised, DateTimeOffset Time, ReadOnlyMemory<byte> State);

/// <summary>What a counter grew by on a day (UTC, by the gateway's clock).</summary>
internal sealed record DailySum(DateOnly Day, string Name, long Value);
