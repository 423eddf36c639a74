using BenchmarkDotNet.Attributes;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Benchmarks;

/// <summary>Window -> prompt -> verdict, beside a bare ONNX Runtime loop over the same model.</summary>
public class VerdictsBenchmarks : IDisposable
{
    private const int Tokens = 34; // begin, 32 fields, end
    private readonly SensorModel sensor = SensorModel.Load(LoadedModel.BuiltIn);
    private readonly PhiModel model = PhiModel.Load(LoadedModel.BuiltIn);
    private readonly BareModel bare = new(Tokens);
    private readonly PromptWriter writer;
    private readonly WindowJudge judge;
    private readonly WindowSummary window;
    private readonly Prompt prompt;

    public VerdictsBenchmarks()
    {
        writer = new PromptWriter(sensor);
        judge = new WindowJudge(new PhiVerdictModel(model, sensor), sensor, new Accounting());
        var (feed, events) = (new Feed(), new List<StageEvent>());
        var windower = feed.WarmWindower();
        feed.NextReadings().ForEach(reading => windower.Add(reading, events));
        window = events.OfType<WindowSummary>().First();
        prompt = writer.Write(window);
    }

    [Benchmark(Baseline = true, Description = "ONNX Runtime alone")]
    public void Bare() => bare.Run();

    [Benchmark(Description = "window -> prompt")]
    public object Prompts() => writer.Write(window);

    [Benchmark(Description = "prompt -> verdict")]
    public object Verdicts() => judge.Judge(prompt, withinBudget: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        bare.Dispose();
        model.Dispose();
        GC.SuppressFinalize(this);
    }
}
