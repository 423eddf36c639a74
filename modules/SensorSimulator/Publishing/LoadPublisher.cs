using System.Globalization;
using System.Text.Unicode;
using SensorSimulator.Synthesis;

namespace SensorSimulator.Publishing;

/// <summary>What to publish as load.</summary>
/// <param name="Topics">Published round-robin on <c>load/0</c>, <c>load/1</c> ...; one sensor each.</param>
/// <param name="Rate">Messages a second; 0 = as fast as the broker takes them.</param>
public sealed record Load(int Topics, double Rate, TimeSpan Duration, ulong Seed = 1);

/// <summary>Publishes healthy readings with little work: <c>{"ts":"2026-11-24T12:00:00.0000000Z","value":20.123,"quality":"good"}</c>.</summary>
/// <param name="connection">Number of this publisher among <paramref name="connections"/>, which share topics and rate.</param>
public sealed class LoadPublisher(Load load, int connection, int connections, TimeProvider clock)
{
    private const int LongestPayload = 100;
    private readonly RandomStream random = new(load.Seed, (ulong)connection);

    /// <summary>Publishes until the time is over or the token is cancelled, which is no error.</summary>
    public async Task RunAsync(Publisher publisher, CancellationToken token)
    {
        var topics = Enumerable.Range(0, load.Topics).Where(n => n % connections == connection).Select(n => string.Create(CultureInfo.InvariantCulture, $"load/{n}")).ToArray();
        var (pace, rate, due) = (new Pace(clock), load.Rate / connections, TimeSpan.Zero);
        try
        {
            for (var i = 0L; due < load.Duration && pace.Elapsed < load.Duration; i++)
            {
                await pace.UntilAsync(due, token);
                await publisher.PublishAsync(topics[i % topics.Length], NextPayload(), token);
                due = rate > 0 ? TimeSpan.FromSeconds((i + 1) / rate) : TimeSpan.Zero;
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // stopping early is no error: what was published still counts
        }

        await publisher.FlushAsync(CancellationToken.None);
    }

    /// <summary>The next reading: 66-68 bytes, about normal with mean 20 and deviation 1.</summary>
    public ReadOnlyMemory<byte> NextPayload()
    {
        var payload = new byte[LongestPayload];
        var value = 20 + random.Normal();
        Utf8.TryWrite(payload, CultureInfo.InvariantCulture, $"{{\"ts\":\"{clock.GetUtcNow().UtcDateTime:O}\",\"value\":{value:0.000},\"quality\":\"good\"}}", out var length);
        return payload.AsMemory(0, length);
    }
}
