using EdgeGateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>Files of every earlier version go on; a file of a later one is kept, and the alerts that wait in it go on too.</summary>
public sealed class SchemaVersionTests : IDisposable
{
    private const string Newest = """
        ALTER TABLE alert ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';
        CREATE TABLE mood (day INTEGER PRIMARY KEY, mood TEXT NOT NULL) STRICT;
        INSERT INTO mood VALUES (1, 'good');
        """;

    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);

    public static TheoryData<int> Earlier => [.. Enumerable.Range(1, GatewaySchema.Form.Migrations.Count)];

    private string Path => folder.File("gateway.db");

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Earlier))]
    public void A_file_of_an_earlier_version_keeps_its_alerts_and_its_outbox(int version)
    {
        using (Database.Open(Path, GatewaySchema.Form with { Migrations = [.. GatewaySchema.Form.Migrations.Take(version)] }))
        {
            // as the first version wrote it; the migrations fill in the rest
        }

        Run($"""
            INSERT INTO sink (name) VALUES ('mqtt');
            INSERT INTO alert (alertId, subject, family, sequence, open, time, storedAt, state) VALUES ('a', 's', 'limit', 1, 1, {Some.Noon.UtcTicks}, {Some.Noon.UtcTicks}, x'7b7d');
            INSERT INTO entry (entry, alertId, sequence, subject, severity, transition, time, storedAt, body) VALUES (7, 'a', 1, 's', 500, 'raised', {Some.Noon.UtcTicks}, {Some.Noon.UtcTicks}, x'7b7d');
            INSERT INTO pending (sink, subject, entry, severity, head) VALUES ('mqtt', 's', 7, 500, 1);
            """);
        using var store = GatewayStore.Open(folder.Path, clock);
        Assert.Null(store.Damage);
        store.RegisterSinks(["mqtt"]);
        Assert.Equal(("a", "a.1"), (Assert.Single(store.OpenAlerts()).AlertId, Assert.Single(store.NextPending("mqtt", 10).Ids())));
        Assert.Equal(1, store.Commit([Some.Transition("b")]));
        Assert.Equal(["a.1", "b.1"], store.NextPending("mqtt", 10).Ids());
    }

    [Fact]
    public void A_file_of_a_later_version_is_kept_and_what_waits_in_it_goes_on()
    {
        var whole = Later();
        using var store = GatewayStore.Open(folder.Path, clock);
        Assert.Contains($"was written by a newer module, this one knows {GatewaySchema.Form.Migrations.Count}; what this one knows of it was taken over", store.Damage!.Reason, StringComparison.Ordinal);
        Assert.Equal(whole, Rows(store.Damage.MovedTo));
        store.RegisterSinks(["mqtt"]);
        Assert.Equal(["a.1", "b.1"], store.NextPending("mqtt", 10).Ids());
        Assert.Equal(["a", "b"], store.OpenAlerts().Select(a => a.AlertId));
        Assert.Equal(1, store.Commit([Some.Transition("c")]));
        store.Dispose();
        Assert.Equal(["1|a", "2|b", "4|c"], Rows(Path));
        using var again = GatewayStore.Open(folder.Path, clock);
        Assert.Null(again.Damage);
    }

    [Fact]
    public void Killed_between_its_two_moves_it_goes_on_with_what_was_taken_over()
    {
        Later();
        File.Move(Path, folder.File("gateway.db.damaged-1"));
        using (var made = Database.Open(Path + ".older", GatewaySchema.Form))
        {
            made.TakeOver(folder.File("gateway.db.damaged-1"));
        }

        using var store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["mqtt"]);
        Assert.Equal(["a.1", "b.1"], store.NextPending("mqtt", 10).Ids());
    }

    [Fact]
    public void Killed_while_it_takes_over_it_begins_anew()
    {
        Later();
        File.WriteAllText(Path + ".older", "half");
        File.WriteAllText(Path + ".older-wal", "half");
        using var store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["mqtt"]);
        Assert.Equal(["a.1", "b.1"], store.NextPending("mqtt", 10).Ids());
        Assert.Empty(Directory.GetFiles(folder.Path, "*.older*"));
    }

    [Fact]
    public void What_does_not_fit_is_said_and_the_gateway_starts()
    {
        Later();
        Run("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'subject TEXT NOT NULL', 'subject TEXT') WHERE name = 'alert'; PRAGMA writable_schema=OFF;");
        Run("UPDATE alert SET subject = NULL;");
        using var store = GatewayStore.Open(folder.Path, clock);
        Assert.Contains("what it holds does not fit here: SQLite 1299", store.Damage!.Reason, StringComparison.Ordinal);
        Assert.Equal(1, store.Commit([Some.Transition("c")]));
    }

    /// <summary>Two alerts that wait, a third that was removed, and a schema to come.</summary>
    private List<string> Later()
    {
        using (var store = GatewayStore.Open(folder.Path, clock))
        {
            store.RegisterSinks(["mqtt"]);
            store.Commit([Some.Transition("a"), Some.Transition("b"), Some.Transition("gone")]);
        }

        using (Database.Open(Path, GatewaySchema.Form with { Migrations = [.. GatewaySchema.Form.Migrations, Newest] }))
        {
        }

        Run("DELETE FROM pending WHERE entry = 3; DELETE FROM entry WHERE entry = 3; DELETE FROM alert WHERE alertId = 'gone';");
        return Rows(Path);
    }

    private void Run(string sql)
    {
        using var connection = Connect(Path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<string> Rows(string path)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT entry || '|' || alertId FROM entry ORDER BY entry";
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }
}
