using BenchmarkDotNet.Attributes;
using EdgeGateway.Commands;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Phi;

namespace EdgeGateway.Benchmarks;

/// <summary>Message -> reading on one thread, alone and while another thread keeps the model busy: with a core each, the model must not take from it.</summary>
public class PolitenessBenchmarks : IDisposable
{
    private const int WarmBatches = 100;
    private readonly Feed feed = new();
    private readonly PhiModel model = PhiModel.Load(LoadedModel.BuiltIn);
    private SensorMessage[] messages = [];
    private CancellationTokenSource? stop;
    private Task judging = Task.CompletedTask;

    [IterationSetup]
    public void Prepare() => messages = feed.Next();

    /// <summary>Until the code that is measured has been compiled for good.</summary>
    [GlobalSetup(Target = nameof(Alone))]
    public void Warm()
    {
        for (var i = 0; i < WarmBatches; i++)
        {
            Prepare();
            feed.Take(messages);
        }
    }

    [GlobalSetup(Target = nameof(BesideModel))]
    public void Start()
    {
        Warm();
        stop = new CancellationTokenSource();
        var stopping = stop.Token;
        judging = Task.Factory.StartNew(() => Judge(stopping), stopping, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [GlobalCleanup(Target = nameof(BesideModel))]
    public async Task StopAsync()
    {
        await stop!.CancelAsync();
        await judging;
    }

    [Benchmark(Baseline = true, Description = "payload -> reading, alone", OperationsPerInvoke = Feed.Batch)]
    public int Alone() => feed.Take(messages);

    [Benchmark(Description = "payload -> reading, beside a busy model", OperationsPerInvoke = Feed.Batch)]
    public int BesideModel() => feed.Take(messages);

    /// <inheritdoc/>
    public void Dispose()
    {
        stop?.Dispose();
        model.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Judge(CancellationToken stopping)
    {
        using var scorer = new LabelScorer(model, [1], [[3], [4]]);
        var scores = new float[2];
        int[] suffix = [.. Enumerable.Range(2, 33)];
        while (!stopping.IsCancellationRequested)
        {
            scorer.Score(suffix, scores, cancellation: CancellationToken.None);
        }
    }
}
