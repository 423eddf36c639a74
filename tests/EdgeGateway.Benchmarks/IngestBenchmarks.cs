using System.Text.Json;
using BenchmarkDotNet.Attributes;
using EdgeGateway.Ingest;

namespace EdgeGateway.Benchmarks;

/// <summary>Message -> reading, beside a JSON parser that only walks over the tokens.</summary>
public class IngestBenchmarks
{
    private readonly Feed feed = new();
    private SensorMessage[] messages = [];

    [IterationSetup]
    public void Prepare() => messages = feed.Next();

    [Benchmark(Baseline = true, Description = "Utf8JsonReader alone", OperationsPerInvoke = Feed.Batch)]
    public int Parser()
    {
        var tokens = 0;
        foreach (var message in messages)
        {
            var json = new Utf8JsonReader(message.Payload);
            while (json.Read())
            {
                tokens++;
            }
        }

        return tokens;
    }

    [Benchmark(Description = "payload -> reading", OperationsPerInvoke = Feed.Batch)]
    public int Ingest() => feed.Take(messages);
}
