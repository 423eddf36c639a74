using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>A file that was cut or written over is moved aside or read as far as it is sound; the module starts either way and can store again.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_that_is_no_database_is_moved_aside_under_a_dated_name()
    {
        File.WriteAllText(folder.File("gateway.db"), new string('x', 5000));

        using var store = GatewayStore.Open(folder.Path, clock);
        Assert.Equal(folder.File("gateway.db.damaged-20260301T120000.0000000Z"), store.Damage?.MovedTo);
        Assert.Equal(new string('x', 5000), File.ReadAllText(store.Damage!.MovedTo));
        Assert.Contains("not a database", store.Damage.Reason, StringComparison.Ordinal);
        Assert.Equal(1, store.Commit([Some.Transition("a")]));
    }

    [Fact]
    public void Only_the_two_newest_damaged_databases_are_kept()
    {
        for (var day = 0; day < 4; day++)
        {
            File.WriteAllText(folder.File("gateway.db"), new string('x', 5000));
            File.WriteAllText(folder.File("gateway.db-wal"), "rest");
            GatewayStore.Open(folder.Path, clock).Dispose();
            clock.Advance(TimeSpan.FromDays(1));
        }

        var kept = Directory.GetFiles(folder.Path, "*.damaged-*").Where(file => !file.EndsWith("-wal", StringComparison.Ordinal)).Order();
        Assert.Equal(["gateway.db.damaged-20260303T120000.0000000Z", "gateway.db.damaged-20260304T120000.0000000Z"], kept.Select(Path.GetFileName));
    }

    [Fact]
    public void The_gateway_store_opens_and_stores_whatever_happened_to_its_file()
    {
        using (var store = GatewayStore.Open(folder.Path, clock))
        {
            store.RegisterSinks(["hub", "mqtt"]);
            store.Commit([.. Enumerable.Range(0, 60).Select(n => Some.Transition($"a{n}"))]);
        }

        ForEachDamage("gateway.db", () =>
        {
            using var store = GatewayStore.Open(folder.Path, clock);
            store.RegisterSinks(["hub", "mqtt"]);
            store.Commit([Some.Transition("new", severity: 1000)]);
            Assert.Contains("new", store.OpenAlerts().Select(alert => alert.AlertId));
            Assert.Contains("new.1", store.NextPending("hub", 1000).Ids());
            return store.Damage is not null;
        });
    }

    [Fact]
    public void The_journal_opens_and_appends_whatever_happened_to_its_file()
    {
        using (var journal = ReadingJournal.Open(folder.Path, clock))
        {
            for (var number = 0; number < 30; number++)
            {
                journal.Append(new byte[700]);
            }
        }

        ForEachDamage("journal.db", () =>
        {
            using var journal = ReadingJournal.Open(folder.Path, clock, notBefore: 12);
            var position = journal.Append([1, 2, 3]);
            Assert.True(position > 12);
            Assert.Equal(position, journal.ReadAfter(12).Last().Position);
            return journal.Damage is not null;
        });
    }

    [Theory]
    [InlineData("gateway.db")]
    [InlineData("gateway.db-wal")]
    public void A_damaged_log_costs_its_end_and_no_crash(string name)
    {
        var copy = folder.File("copy");
        Directory.CreateDirectory(copy);
        using (var store = GatewayStore.Open(folder.Path, clock))
        {
            store.Commit([Some.Transition("a")]);
            store.Commit([Some.Transition("b")]);
            File.Copy(folder.File("gateway.db"), Path.Combine(copy, "gateway.db"));
            File.Copy(folder.File("gateway.db-wal"), Path.Combine(copy, "gateway.db-wal"));
        }

        var file = Path.Combine(copy, name);
        using (var cut = File.OpenWrite(file))
        {
            cut.SetLength(cut.Length - 100);
        }

        using var again = GatewayStore.Open(copy, clock);
        Assert.Equal(1, again.Commit([Some.Transition("c")]));
        Assert.Contains("c", again.OpenAlerts().Select(alert => alert.AlertId));
    }

    /// <summary>A seeded hundred of cuts, overwritten stretches and single bits; some of them must have been noticed.</summary>
    private void ForEachDamage(string name, Func<bool> use)
    {
        var whole = File.ReadAllBytes(folder.File(name));
        var random = new Random(42);
        var noticed = 0;
        for (var round = 0; round < 100; round++)
        {
            foreach (var file in Directory.GetFiles(folder.Path))
            {
                File.Delete(file);
            }

            var at = round < 30 ? random.Next(100) : random.Next(whole.Length);
            var damaged = whole.ToArray();
            switch (round % 3)
            {
                case 0:
                    damaged = whole[..at];
                    break;
                case 1:
                    random.NextBytes(damaged.AsSpan(at, Math.Min(random.Next(1, 5000), whole.Length - at)));
                    break;
                default:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
            }

            File.WriteAllBytes(folder.File(name), damaged);
            noticed += use() ? 1 : 0;
        }

        Assert.InRange(noticed, 30, 100);
    }
}
