namespace EdgeGateway.Storage;

/// <summary>An alert as people look at it.</summary>
/// <param name="Raised">Event time of its raise; null where that was never stored here.</param>
/// <param name="Ended">Event time of its end; null while it is open, or where that was never stored here.</param>
internal sealed record KnownAlert(AlertState State, DateTimeOffset? Raised, DateTimeOffset? Ended);

/// <summary>Alerts for who looks at a gateway that runs.</summary>
internal sealed partial class GatewayStore
{
    private const int MostFeedbackShown = 20;
    private const string WorstFirst = "family = 'own' DESC, (SELECT severity FROM step WHERE step.alertId = alert.alertId AND step.sequence = alert.sequence) DESC, time DESC, alertId";

    /// <summary>Open alerts and the newest ended ones, both newest first.</summary>
    /// <param name="open">At most so many open ones: the gateway's own, then the most severe, then the newest.</param>
    /// <param name="ended">At most so many that have ended.</param>
    public IReadOnlyList<KnownAlert> NewestAlerts(int open, int ended) => database.Use(() => (IReadOnlyList<KnownAlert>)
        [.. Known_NeedsLock($"open = 1 ORDER BY {WorstFirst} LIMIT $1", (long)open).OrderByDescending(k => k.State.Time), .. Known_NeedsLock("open = 0 ORDER BY time DESC, alertId LIMIT $1", (long)ended)]);

    /// <summary>How many alerts are open.</summary>
    public long OpenAlertCount => database.Use(() => (long)database.Value_NeedsLock("SELECT COUNT(*) FROM alert WHERE open = 1")!);

    /// <summary>The newest alerts of these subjects.</summary>
    public IReadOnlyList<KnownAlert> AlertsOf(string sensor, string asset, int most) => database.Use(() =>
        Known_NeedsLock("subject IN ($1, $2) ORDER BY time DESC, alertId LIMIT $3", sensor, asset, (long)most));

    /// <summary>One alert; null when it is not known, or ended long ago.</summary>
    public KnownAlert? FindAlert(string alertId) => database.Use(() => Known_NeedsLock("alertId = $1", alertId).FirstOrDefault());

    /// <summary>What people said of an alert, newest first, at most twenty times.</summary>
    public IReadOnlyList<AlertFeedback> FeedbackOf(string alertId) => database.Use(() =>
    {
        using var rows = database.Query_NeedsLock("SELECT givenAt, givenBy, verdict, note FROM feedback WHERE alertId = $1 ORDER BY number DESC LIMIT $2", alertId, (long)MostFeedbackShown);
        var feedback = new List<AlertFeedback>();
        while (rows.Read())
        {
            feedback.Add(new AlertFeedback(alertId, new DateTimeOffset(rows.GetInt64(0), TimeSpan.Zero), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
        }

        return feedback;
    });

    private List<KnownAlert> Known_NeedsLock(string where, params ReadOnlySpan<object> values)
    {
        var times = new List<(DateTimeOffset? Raised, DateTimeOffset? Ended)>();
        using (var rows = database.Query_NeedsLock($"SELECT raised, ended FROM alert WHERE {where}", values))
        {
            while (rows.Read())
            {
                times.Add((TimeOf(rows, 0), TimeOf(rows, 1)));
            }
        }

        return [.. States_NeedsLock($"SELECT {StateColumns} FROM alert WHERE {where}", values).Zip(times, (state, time) => new KnownAlert(state, time.Raised, time.Ended))];
    }

    private static DateTimeOffset? TimeOf(Microsoft.Data.Sqlite.SqliteDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetInt64(column), TimeSpan.Zero);
}
