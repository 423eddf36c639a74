using EdgeGateway.Report;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Data.Sqlite;

namespace EdgeGateway.Tests.Report;

/// <summary>Databases as a report may meet them.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string Database => Path.Combine(folder.Path, "gateway.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Where_there_is_no_database_that_is_said_and_none_is_made()
    {
        var failed = Assert.Throws<StorageException>(() => History.Read(folder.Path, DateTimeOffset.UnixEpoch));
        Assert.Contains("there is no such file", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_is_no_database_is_refused_and_left_alone()
    {
        File.WriteAllText(Database, new string('x', 9000));
        Assert.Equal(StorageFault.Damaged, Assert.Throws<StorageException>(() => History.Read(folder.Path, DateTimeOffset.UnixEpoch)).Fault);
        Assert.Equal(9000, new FileInfo(Database).Length);
    }

    [Fact]
    public void A_database_of_an_older_version_is_read_as_it_is()
    {
        Execute("CREATE TABLE alert (alertId TEXT NOT NULL PRIMARY KEY, subject TEXT, family TEXT, sequence INTEGER, open INTEGER, time INTEGER, storedAt INTEGER, state BLOB)");
        var raised = Past.Now.AddHours(-3);
        Execute($"INSERT INTO alert VALUES ('a', 'p', 'anomaly', 1, 1, {raised.UtcTicks}, 0, CAST('{{\"source\":\"g\",\"data\":{{\"severity\":412,\"active\":true,\"windowEnd\":\"{raised:O}\"}}}}' AS BLOB))");
        var report = ReportCounting.Count(History.Read(folder.Path, ReportCounting.Begin(Past.Now, 30)), Past.Now, 30);
        Assert.Equal((1, 1, "g", raised.Date), (report.Raised, report.Active, report.Gateway, report.From.Date));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"source":"g","data":{"severity":"x","active":true,"windowEnd":"2026-11-24T00:00:00Z"}}""")]
    [InlineData("""{"source":"g","data":{"severity":1,"active":true,"windowEnd":"soon"}}""")]
    public void An_alert_that_cannot_be_read_is_counted_and_the_others_are_reported(string state)
    {
        using var past = new Past();
        past.Raise("good", Past.Now.AddHours(-1));
        past.Store.Commit([new AlertTransition(new AlertState("bad", "bad", "anomaly", 2, true, Past.Now, System.Text.Encoding.UTF8.GetBytes(state)), 1, "updated", new byte[] { 1 })]);
        var report = past.Count();
        Assert.Equal((1, 1), (report.Raised, report.Unreadable));
        Assert.EndsWith("1 alerts in the database could not be read.", ReportText.Summary(report), StringComparison.Ordinal);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
