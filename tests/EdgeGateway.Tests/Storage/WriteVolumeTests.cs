using System.Buffers.Binary;
using System.Globalization;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>Flash wears out: what a day writes has a bound. Bytes are counted by the kernel per thread, as dirtied pages of the page cache.</summary>
public sealed class WriteVolumeTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_hundred_alerts_with_their_end_for_two_sinks_write_less_than_30_megabytes()
    {
        using var store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));
        store.RegisterSinks(["hub", "mqtt"]);
        var body = new byte[3000];
        var written = Written(() =>
        {
            for (var alert = 0; alert < 100; alert++)
            {
                foreach (var sequence in new[] { 1, 2 })
                {
                    store.Commit([Some.Transition($"alert{alert}", sequence, $"asset{alert % 20}", open: sequence == 1) with { Body = body }]);
                    store.MarkDelivered("hub", store.NextPending("hub", 1)[0].Entry);
                    store.MarkDelivered("mqtt", store.NextPending("mqtt", 1)[0].Entry);
                }
            }
        });

        TestContext.Current.SendDiagnosticMessage($"100 alerts, 200 transitions, 400 deliveries: {written / 1e6:F1} MB");
        Assert.InRange(written, 0, 30_000_000);
    }

    [Fact]
    public void A_thousand_alerts_with_their_end_for_two_sinks_write_less_than_200_kilobytes_each_as_they_come_and_out_of_a_backlog()
    {
        using var store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));
        store.RegisterSinks(["hub", "mqtt"]);
        var live = Written(() =>
        {
            for (var number = 0; number < 2000; number++)
            {
                store.Commit([Numbered(number)]);
                DeliverAll(store);
            }
        });
        var backlog = Written(() =>
        {
            for (var number = 2000; number < 4000; number++)
            {
                store.Commit([Numbered(number)]);
            }

            DeliverAll(store);
        });

        TestContext.Current.SendDiagnosticMessage($"an alert with its end, 1,000 bytes each: {live / 1000.0 / 1024:F1} KiB as they come, {backlog / 1000.0 / 1024:F1} KiB out of a backlog");
        Assert.InRange(live, 0, 200_000_000);
        Assert.InRange(backlog, 0, 200_000_000);
    }

    private static AlertTransition Numbered(int number)
    {
        var transition = Some.Transition($"alertnumber{number / 2:D9}", 1 + (number % 2), $"plant/line1/asset{number / 2 % 50}", open: number % 2 == 0);
        return transition with { Body = new byte[1000], State = transition.State with { State = new byte[1000] } };
    }

    private static void DeliverAll(GatewayStore store)
    {
        foreach (var sink in new[] { "hub", "mqtt" })
        {
            while (store.Take(sink, 100) is { Count: > 0 } batch)
            {
                store.Settle(sink, [.. batch.Select(e => e.Entry)]);
            }
        }
    }

    [Fact]
    public void The_journal_writes_less_than_twice_what_it_is_given()
    {
        const int Batches = 2000;
        using var journal = ReadingJournal.Open(folder.Path, TimeProvider.System);
        var random = new Random(1);
        var batch = new byte[500 * 24];
        var written = Written(() =>
        {
            for (var number = 1; number <= Batches; number++)
            {
                Fill(batch, number, random);
                journal.Append(batch);
                if (number % 1000 == 0)
                {
                    journal.Truncate(number);
                }
            }
        });

        var factor = (double)written / Batches / batch.Length;
        TestContext.Current.SendDiagnosticMessage($"journal: {factor:F2} bytes written per byte; 2,000 readings/s make {factor * 2000 * 24 * 86400 / 1e9:F1} GB a day");
        Assert.InRange(factor, 0, 2);
    }

    /// <summary>500 readings of 250 sensors with two decimals: sensor, quality, ticks, value.</summary>
    private static void Fill(Span<byte> batch, int number, Random random)
    {
        for (var reading = 0; reading < 500; reading++)
        {
            var row = batch.Slice(reading * 24, 24);
            BinaryPrimitives.WriteInt32LittleEndian(row, reading % 250);
            BinaryPrimitives.WriteInt32LittleEndian(row[4..], 0);
            BinaryPrimitives.WriteInt64LittleEndian(row[8..], Some.Noon.UtcTicks + (((number * 500L) + reading) * 5_000) + random.Next(1000));
            BinaryPrimitives.WriteDoubleLittleEndian(row[16..], Math.Round(20 + (reading % 250) + random.NextDouble(), 2));
        }
    }

    private static long Written(Action action)
    {
        const string Counters = "/proc/thread-self/io";
        Assert.SkipUnless(File.Exists(Counters), "Only Linux counts the bytes that a thread writes.");
        var before = WriteBytes();
        action();
        return WriteBytes() - before;

        static long WriteBytes() => long.Parse(File.ReadLines(Counters).Single(line => line.StartsWith("write_bytes", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
