using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>Whatever is published to it, the gateway counts it with a reason, goes on, and loses no good reading.</summary>
public class HostileInputTests
{
    private static readonly string[] BadLines =
    [
        "{", "nonsense", "{\"ts\":\"2026-01-01T00:00:00Z\",\"a\":NaN}", "{\"ts\":\"2026-01-01T00:00:00Z\",\"a\":1e999}", "{\"ts\":\"1970-01-01T00:00:00Z\",\"a\":1}",
        "{\"ts\":\"2100-01-01T00:00:00Z\",\"a\":1}", "{\"ts\":\"2026-01-01T00:00:00Z\",\"a\":\"<script>alert(1)</script>\"}", "{\"a\":1}", "[[[[[[[[", "\u0001\u0002\u0003",
    ];

    [Fact]
    public async Task Bad_payloads_are_counted_by_reason_and_the_good_ones_between_them_are_taken()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        await site.PublishAsync("plant/p", BadLines.SelectMany((bad, i) => new[] { bad, $$"""{"ts":"2026-01-01T00:00:{{i:00}}Z","a":{{i}}}""" }));
        await site.PublishAsync("plant/big", ["""{"ts":"2026-01-01T00:00:00Z","a":""" + new string('1', 1_000_000) + "}"]);
        await site.PublishAsync("plant/" + new string('x', 10_000), ["""{"ts":"2026-01-01T00:00:00Z","a":1}"""]);
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(BadLines.Length + 1, subscriber.Counter("taken"));
        Assert.Equal(5, subscriber.Counter("rejected.malformed"));
        Assert.Equal(2, subscriber.Counter("rejected.time"));
        Assert.Equal(1, subscriber.Counter("rejected.future"));
        Assert.Equal(1, subscriber.Counter("rejected.notFinite"));
        Assert.Equal(1, subscriber.Counter("rejected.noValue"));
        Assert.Equal(1, subscriber.Counter("rejected.size"));
        Assert.Equal(1, subscriber.Counter("rejected.name"));
    }

    [Fact]
    public async Task Binary_garbage_of_every_length_does_no_harm()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        var random = new Random(5);
        for (var length = 1; length <= 4096; length *= 4)
        {
            var garbage = new byte[length];
            random.NextBytes(garbage);
            await File.WriteAllBytesAsync(site.PathOf("garbage"), garbage, TestContext.Current.CancellationToken);
            var (code, said) = await Tool.RunAsync("mosquitto_pub", "-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", "plant/p", "-f", site.PathOf("garbage"));
            Assert.True(code == 0, said);
        }

        await site.EndAsync(gateway, subscriber);
        Assert.Equal(7, subscriber.Counter("rejected.malformed"));
    }

    [Fact]
    public async Task Sensors_without_end_are_bounded_and_the_first_ones_go_on()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, s => s["bounds"] = new System.Text.Json.Nodes.JsonObject { ["sensors"] = 20 });
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        await site.PublishAsync("end", ["""{"ts":"2025-01-01T00:00:00Z","v":0}"""]);
        var many = string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"s{i}\":{i}"));
        await site.PublishAsync("plant/p", Enumerable.Range(10, 5).Select(second => $$"""{"ts":"2026-01-01T00:00:{{second}}Z",{{many}}}"""));
        await site.EndAsync(gateway, subscriber);
        Assert.Equal((5 * 19) + 2, subscriber.Counter("taken"));
        Assert.Equal(5 * 31, subscriber.Counter("rejected.bounds"));
    }
}
