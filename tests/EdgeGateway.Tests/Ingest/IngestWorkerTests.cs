using System.Threading.Channels;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Ingest;

public sealed class IngestWorkerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly Channel<IngestItem> output = Channel.CreateBounded<IngestItem>(100);
    private readonly IngestBench bench = new(Any.Source("plant/{pump}", null, "/ts", "p"));
    private readonly CancellationToken token = TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact(Timeout = 60_000)]
    public async Task A_fault_while_a_message_is_taken_ends_the_stage_although_the_source_hides_it()
    {
        using var worker = Worker(new HidingSource());
        output.Writer.Complete();
        await worker.StartAsync(token);
        await Assert.ThrowsAsync<ChannelClosedException>(() => worker.ExecuteTask!.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_ends_it_with_a_checkpoint_behind_all_readings()
    {
        using var worker = Worker(new HidingSource());
        await worker.StartAsync(token);
        Assert.Null((await output.Reader.ReadAsync(token)).Notice);
        await worker.StopAsync(token);
        Assert.IsType<Checkpoint>((await output.Reader.ReadAsync(token)).Notice);
        Assert.True(output.Reader.Completion.IsCompletedSuccessfully);
        Assert.True(worker.ExecuteTask!.IsCompletedSuccessfully);
    }

    private IngestWorker Worker(ISensorSource source) =>
        new(source, bench.State, durable: null, new CheckpointSchedule(Path.Combine(folder.FullName, "s"), 1_000_000, bench.Clock), output.Writer, bench.Clock);

    /// <summary>One message, and then nothing; as MQTTnet does, it swallows what the handler throws.</summary>
    private sealed class HidingSource : ISensorSource
    {
        public async Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token)
        {
            var payload = System.Text.Encoding.UTF8.GetBytes(IngestBench.Payload(0, 1));
            await Record.ExceptionAsync(async () => await take(new SensorMessage(1, "plant/a", new(payload), false, false, Any.Noon)));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }

        public ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token) => ValueTask.CompletedTask;
    }
}
