namespace EdgeGateway.Storage;

/// <summary>A step in the life of an alert, as people look back at it.</summary>
/// <param name="Transition">raised, updated, cleared ...</param>
/// <param name="Time">Event time; of what a person did the gateway's clock.</param>
/// <param name="By">Who caused it; "" when it was no person.</param>
internal sealed record AlertStep(int Sequence, string Transition, DateTimeOffset Time, int Severity, string By);

/// <summary>What alerts have gone through, and why they were raised. Goes with its alert.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>Of an alert that flaps for weeks its raise and the newest steps are kept.</summary>
    private const int MostSteps = 100;

    /// <summary>About 2 KB each.</summary>
    private const int MostExplanations = 500;

    private const int LongestExplanation = 1 << 20;

    /// <summary>The steps of an alert that are kept, oldest first.</summary>
    public IReadOnlyList<AlertStep> LifeOf(string alertId) => database.Use(() =>
    {
        using var rows = database.Query_NeedsLock("SELECT sequence, transition, time, severity, givenBy FROM step WHERE alertId = $1 ORDER BY sequence", alertId);
        var steps = new List<AlertStep>();
        while (rows.Read())
        {
            steps.Add(new AlertStep(rows.GetInt32(0), rows.GetString(1), new DateTimeOffset(rows.GetInt64(2), TimeSpan.Zero), rows.GetInt32(3), rows.GetString(4)));
        }

        return steps;
    });

    /// <summary>The explanation that an alert was raised with; null where there was none, or is none any more.</summary>
    public byte[]? ExplanationOf(string alertId) => database.Use(() =>
    {
        using var rows = database.Query_NeedsLock("SELECT length, body FROM explanation WHERE alertId = $1 ORDER BY number DESC LIMIT 1", alertId);
        return rows.Read() && Packing.TryUnpack(rows.GetFieldValue<byte[]>(1), rows.GetInt32(0), out var plain) ? plain : null;
    });

    private void AddStep_NeedsLock(AlertTransition transition)
    {
        var state = transition.State;
        database.Execute_NeedsLock(
            "INSERT OR REPLACE INTO step (alertId, sequence, transition, time, severity, givenBy) VALUES ($1, $2, $3, $4, $5, $6)",
            state.AlertId, state.Sequence, transition.Transition, state.Time.UtcTicks, transition.Severity, transition.By);
        database.Execute_NeedsLock("DELETE FROM step WHERE alertId = $1 AND sequence > 1 AND sequence <= $2", state.AlertId, state.Sequence - MostSteps);
        if (transition.Explanation is { Length: > 0 and <= LongestExplanation } explanation)
        {
            database.Execute_NeedsLock("INSERT INTO explanation (alertId, length, body) VALUES ($1, $2, $3)", state.AlertId, explanation.Length, Packing.Pack(explanation.Span).ToArray());
            database.Execute_NeedsLock("DELETE FROM explanation WHERE number <= (SELECT MAX(number) FROM explanation) - $1", (long)MostExplanations);
        }
    }
}
