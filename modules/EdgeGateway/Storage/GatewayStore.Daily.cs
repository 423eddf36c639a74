namespace EdgeGateway.Storage;

/// <summary>Sums by day, for the report.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>More than the report looks at; by number, since a clock that was wrong leaves days of any year.</summary>
    private const int DaysKept = 40;

    /// <summary>Adds to the sums of a day, all in one transaction, and forgets the oldest days.</summary>
    public void AddDaily(DateOnly day, IReadOnlyCollection<KeyValuePair<string, long>> sums) => database.Transact(() =>
    {
        foreach (var (name, value) in sums)
        {
            database.Execute_NeedsLock("INSERT INTO daily (day, name, value) VALUES ($1, $2, $3) ON CONFLICT (day, name) DO UPDATE SET value = value + excluded.value", day.DayNumber, name, value);
        }

        return database.Execute_NeedsLock("DELETE FROM daily WHERE day NOT IN (SELECT DISTINCT day FROM daily ORDER BY day DESC LIMIT $1)", DaysKept);
    });
}
