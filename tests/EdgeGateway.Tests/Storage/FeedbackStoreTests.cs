using EdgeGateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>What is kept of feedback when there is too much.</summary>
public sealed class FeedbackStoreTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly GatewayStore store;

    public FeedbackStoreTests() => store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Any.Noon));

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Ten_thousand_are_kept_and_who_floods_one_alert_pushes_out_nothing_else()
    {
        string[] judged = [.. Enumerable.Range(0, 50).Select(i => $"a{i}")];
        store.Commit([.. judged.Append("flooded").Select(id => new AlertTransition(new AlertState(id, id, "anomaly", 1, true, Any.Noon, "{}"u8.ToArray()), 400, "raised", "{}"u8.ToArray()))]);
        Array.ForEach(judged, id => Give(id, AlertFeedback.True));
        Fill("flooded", 9_940);
        for (var i = 0; i < 30; i++)
        {
            Give("flooded", i == 29 ? AlertFeedback.Unsure : AlertFeedback.False);
        }

        var kept = History.Read(folder.Path, DateTimeOffset.MinValue).Alerts.ToDictionary(a => a.Subject, a => a.Verdict);
        Assert.All(judged, id => Assert.Equal(AlertFeedback.True, kept[id]));
        Assert.Equal(AlertFeedback.Unsure, kept["flooded"]);
        Assert.Equal(10_000, store.FeedbackCount);
    }

    [Fact]
    public void Of_an_alert_that_is_not_known_nothing_is_kept()
    {
        Assert.False(store.AddFeedback(new AlertFeedback("nobody", Any.Noon, "Ada", AlertFeedback.True, "")));
        Assert.Equal(0, store.FeedbackCount);
    }

    /// <summary>So much feedback at once: one by one each is a commit to the disk.</summary>
    private void Fill(string alert, int count)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "gateway.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count) INSERT INTO feedback (alertId, givenAt, givenBy, verdict, note) SELECT $alert, 0, 'Eve', 'false', '' FROM n";
        command.Parameters.AddWithValue("$count", count);
        command.Parameters.AddWithValue("$alert", alert);
        Assert.Equal(count, command.ExecuteNonQuery());
    }

    private void Give(string alert, string verdict) => Assert.True(store.AddFeedback(new AlertFeedback(alert, Any.Noon, "Ada", verdict, "")));
}
