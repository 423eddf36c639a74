namespace EdgeGateway.Storage;

/// <summary>What people say of an alert.</summary>
/// <param name="At">When, the gateway's clock.</param>
/// <param name="Verdict"><see cref="True"/>, <see cref="False"/> or <see cref="Unsure"/>.</param>
/// <param name="Note">Their own words; "" for none.</param>
internal sealed record AlertFeedback(string AlertId, DateTimeOffset At, string By, string Verdict, string Note)
{
    /// <summary>There was something to act on.</summary>
    public const string True = "true";

    /// <summary>There was nothing.</summary>
    public const string False = "false";

    /// <summary>Nobody can say.</summary>
    public const string Unsure = "unsure";
}

/// <summary>Feedback: all that was given is kept, the newest of an alert counts.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>Rows of at most 2.5 KB.</summary>
    private const int MostFeedback = 10_000;

    /// <summary>
    /// Stores it; false when the alert is not known. Beyond 10,000 the oldest of those go that a newer one of the same alert has replaced, and then the oldest: who floods one alert
    /// pushes out nothing else.
    /// </summary>
    public bool AddFeedback(AlertFeedback feedback) => database.Transact(() =>
    {
        if (database.Value_NeedsLock("SELECT 1 FROM alert WHERE alertId = $1", feedback.AlertId) is null)
        {
            return false;
        }

        database.Execute_NeedsLock(
            "INSERT INTO feedback (alertId, givenAt, givenBy, verdict, note) VALUES ($1, $2, $3, $4, $5)", feedback.AlertId, feedback.At.UtcTicks, feedback.By, feedback.Verdict, feedback.Note);
        var tooMany = Count_NeedsLock() - MostFeedback;
        if (tooMany > 0)
        {
            database.Execute_NeedsLock(
                """
                DELETE FROM feedback WHERE number IN (
                  SELECT number FROM feedback f ORDER BY NOT EXISTS (SELECT 1 FROM feedback n WHERE n.alertId = f.alertId AND n.number > f.number), number LIMIT $1)
                """,
                tooMany);
        }

        return true;
    });

    /// <summary>How much is kept.</summary>
    public long FeedbackCount => database.Use(Count_NeedsLock);

    private long Count_NeedsLock() => (long)database.Value_NeedsLock("SELECT COUNT(*) FROM feedback")!;
}
