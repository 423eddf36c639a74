using System.Globalization;

namespace EdgeGateway.Storage;

/// <summary>What goes with time: alerts that a sink could not be told of for long, and ended alerts.</summary>
internal sealed partial class GatewayStore
{
    private const string AgesFact = "outbox ages";

    /// <summary>Ended alerts are looked at after so many transitions, or after a day.</summary>
    private const int PruneEvery = 1000;

    private static readonly TimeSpan KeepEnded = TimeSpan.FromDays(30);

    /// <summary>A clock that moved by so much more than time has passed was set.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromHours(1);

    /// <summary>A clock that says less has not been set.</summary>
    private static readonly DateTimeOffset NotBefore = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private DateTimeOffset? prunedAt;
    private int sincePruned;
    private DateTimeOffset? expiredAt;
    private (DateTimeOffset Now, long Timestamp) looked;

    /// <summary>Entries up to this one count as stored at this time at the earliest: the clock has been set since.</summary>
    private (long Entry, long Ticks) ages;

    private void ReadAges()
    {
        looked = (clock.GetUtcNow(), clock.GetTimestamp());
        if (ReadFact(AgesFact)?.Split(' ') is [var entry, var ticks])
        {
            ages = (long.Parse(entry, CultureInfo.InvariantCulture), long.Parse(ticks, CultureInfo.InvariantCulture));
        }
    }

    private void ExpireWhenDue()
    {
        if (IsExpiryDue(clock.GetUtcNow()))
        {
            Change(() => ExpireWhenDue_NeedsLock(clock.GetUtcNow()));
        }
    }

    private bool IsExpiryDue(DateTimeOffset now) => expiredAt is not { } last || now < last || now - last >= TimeSpan.FromMinutes(6);

    private bool ExpireWhenDue_NeedsLock(DateTimeOffset now)
    {
        NoteClockStep_NeedsLock(now);
        if (!IsExpiryDue(now))
        {
            return false;
        }

        foreach (var sink in tallies.Keys)
        {
            foreach (var alertId in Overdue_NeedsLock(sink, now))
            {
                Withdraw_NeedsLock(sink, alertId);
                database.Execute_NeedsLock("UPDATE sink SET expired = expired + 1 WHERE name = $1", sink);
                Count(sink, t => t with { Expired = t.Expired + 1 });
            }
        }

        expiredAt = now;
        return true;
    }

    /// <summary>Alerts that the sink has seen nothing of and whose newest transition has waited too long.</summary>
    private List<string> Overdue_NeedsLock(string sink, DateTimeOffset now)
    {
        var overdue = new List<string>();
        var oldest = database.Value_NeedsLock("SELECT storedAt FROM entry WHERE entry = (SELECT MIN(entry) FROM pending WHERE sink = $1 AND rank IS NOT NULL)", sink);
        if (oldest is not long since || since > (now - Bounds.Expiry).UtcTicks)
        {
            return overdue;
        }

        var inFlight = taken.GetValueOrDefault(sink, []);
        using var rows = database.Query_NeedsLock(
            """
            SELECT p.entry, e.alertId FROM pending p JOIN entry e ON e.entry = p.entry WHERE p.sink = $1 AND p.rank IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM entry n JOIN pending w INDEXED BY pending_entry ON w.entry = n.entry AND w.sink = $1
              WHERE n.alertId = e.alertId AND MAX(n.storedAt, CASE WHEN n.entry <= $2 THEN $3 ELSE 0 END) > $4)
            """,
            sink, ages.Entry, ages.Ticks, (now - Bounds.Expiry).UtcTicks);
        while (rows.Read())
        {
            if (!inFlight.ContainsKey(rows.GetInt64(0)))
            {
                overdue.Add(rows.GetString(1));
            }
        }

        return overdue;
    }

    /// <summary>
    /// Nothing expires because a clock was set, which many a gateway does at the very moment when its network comes back: what was stored before counts from now on. The same
    /// for what a run before ours stored under a clock that was not set.
    /// </summary>
    private void NoteClockStep_NeedsLock(DateTimeOffset now)
    {
        var passed = clock.GetElapsedTime(looked.Timestamp);
        var stepped = now - looked.Now - passed >= ClockStep;
        looked = (now, clock.GetTimestamp());
        if (now > NotBefore && (stepped || HasUnsetAges_NeedsLock()))
        {
            ages = ((long)database.Value_NeedsLock("SELECT COALESCE(MAX(entry), 0) FROM entry")!, now.UtcTicks);
            database.Execute_NeedsLock(
                "INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                AgesFact, string.Create(CultureInfo.InvariantCulture, $"{ages.Entry} {ages.Ticks}"));
        }
    }

    /// <summary>Only entries that are not yet counted otherwise; the oldest tells, for the clock is set once.</summary>
    private bool HasUnsetAges_NeedsLock() =>
        expiredAt is null && database.Value_NeedsLock("SELECT storedAt FROM entry WHERE entry > $1 ORDER BY entry LIMIT 1", ages.Entry) is long oldest && oldest < NotBefore.UtcTicks;

    /// <summary>
    /// The later of event time and storing time counts: recordings of last year and a clock that is not yet set both keep their alerts. As many as may wait for a sink are
    /// kept, the newest by event time, however quickly they came.
    /// </summary>
    private void Prune_NeedsLock(DateTimeOffset now, int added)
    {
        sincePruned += added;
        if (prunedAt is { } last && now - last < TimeSpan.FromDays(1) && now >= last && sincePruned < PruneEvery)
        {
            return;
        }

        var newest = (long?)database.Value_NeedsLock("SELECT time FROM alert WHERE open = 0 ORDER BY time DESC LIMIT 1 OFFSET $1", Bounds.Alerts - 1) ?? 0;
        Forget_NeedsLock(newest, DateTimeOffset.MaxValue.UtcTicks);
        Forget_NeedsLock((now - KeepEnded).UtcTicks, (now - KeepEnded).UtcTicks);
        (prunedAt, sincePruned) = (now, 0);
    }

    private void Forget_NeedsLock(long timeBefore, long storedBefore) => database.Execute_NeedsLock(
        "DELETE FROM alert WHERE open = 0 AND time < $1 AND storedAt < $2 AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.alertId = alert.alertId)", timeBefore, storedBefore);
}
