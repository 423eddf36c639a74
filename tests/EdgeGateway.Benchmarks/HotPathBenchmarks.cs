using System.Text.Json;
using BenchmarkDotNet.Attributes;
using EdgeGateway.Alerts;
using EdgeGateway.Commands;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Benchmarks;

/// <summary>Payload -> verdict and alert rule, a reading, every window judged; beside a bare JSON parser with a bare ONNX Runtime loop every tenth reading.</summary>
public class HotPathBenchmarks : IDisposable
{
    private const int Tokens = 34;
    private const int Hop = 10;
    private readonly Feed feed = new();
    private readonly PhiModel model = PhiModel.Load(LoadedModel.BuiltIn);
    private readonly BareModel bare = new(Tokens);
    private readonly List<SensorReading> taken = [];
    private readonly List<Alert> transitions = [];
    private readonly StageChain chain;
    private SensorMessage[] messages = [];

    public HotPathBenchmarks()
    {
        var sensor = SensorModel.Load(LoadedModel.BuiltIn);
        chain = new StageChain(
            feed.WarmWindower(), new PromptWriter(sensor), new WindowJudge(new PhiVerdictModel(model, sensor), sensor, new Accounting()), new JudgingBudget(), budgetPercent: 100,
            new AlertRules(new AlertContent("benchmark", sensor), feed.Settings.Detection, feed.Settings.Alerts, new Accounting()));
    }

    [IterationSetup]
    public void Prepare() => messages = feed.Next();

    [Benchmark(Baseline = true, Description = "bare parser and runtime", OperationsPerInvoke = Feed.Batch)]
    public int Bare()
    {
        var tokens = 0;
        for (var i = 0; i < messages.Length; i++)
        {
            var json = new Utf8JsonReader(messages[i].Payload);
            while (json.Read())
            {
                tokens++;
            }

            if (i % Hop == 0)
            {
                bare.Run();
            }
        }

        return tokens;
    }

    [Benchmark(Description = "payload -> verdict", OperationsPerInvoke = Feed.Batch)]
    public int HotPath()
    {
        foreach (var message in messages)
        {
            feed.State.Take(message, taken);
            chain.Add(taken, transitions);
            taken.Clear();
        }

        return transitions.Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        bare.Dispose();
        model.Dispose();
        GC.SuppressFinalize(this);
    }
}
