using EdgeGateway.Ingest;
using EdgeGateway.Recordings;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Recordings;

public sealed class RecorderWorkerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecorderBench bench = new();
    private readonly CountingLogger log = new();
    private readonly Sensor[] sensors = [.. Enumerable.Range(0, 3).Select(i => Any.Sensor($"s{i}", source: Any.Source() with { Ranges = Any.Source().Ranges.Add("", new(0, 1)) }))];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_whole_lies_on_disk_when_the_stages_have_ended()
    {
        await RunAsync();
        Assert.Equal(["s0", "s1", "s2"], RecordingFolder.Read(folder.Path).Select(r => r!.Asset).Order());
        Assert.Equal(3, bench.Accounting.Of("recorder.written", reason: "alert").Value);
    }

    [Fact]
    public async Task A_disk_that_refuses_costs_the_recordings_alone_and_is_told_once()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "recordings"), "in the way", TestContext.Current.CancellationToken);
        await RunAsync();
        Assert.Equal(3, bench.Accounting.Of("recorder.dropped", reason: "disk").Value);
        Assert.Equal(1, log.Messages);
    }

    private async Task RunAsync()
    {
        using var worker = new RecorderWorker(bench.Recorder, new RecordingFolder(folder.Path, new FakeTimeProvider(Any.Noon)), bench.Accounting, log);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        foreach (var sensor in sensors)
        {
            bench.Hops(3, isWrong: false, sensor);
            bench.Limit(sensor, outside: true, 30);
        }

        bench.Recorder.Complete();
        await worker.ExecuteTask!;
    }

    private sealed class CountingLogger : ILogger<RecorderWorker>
    {
        public int Messages { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages++;
    }
}
