using System.Threading.Channels;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Ingest;

public sealed class IngestWorkerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly Channel<IngestItem> output = Channel.CreateBounded<IngestItem>(100);
    private readonly Channel<StageEvent> control = Channel.CreateBounded<StageEvent>(1);
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

    [Fact]
    public async Task Other_settings_stand_between_two_messages_and_then_reach_the_source()
    {
        var source = new HidingSource();
        using var worker = Worker(source);
        await worker.StartAsync(token);
        var first = await output.Reader.ReadAsync(token);
        var other = Any.Settings(Any.Source("plant/b", null, "/ts", "p"));
        var changed = new SettingsChanged(other, new TaskCompletionSource());
        await control.Writer.WriteAsync(changed, token);
        Assert.Equal(first.Reading.Sensor, Assert.IsType<SensorForgotten>((await output.Reader.ReadAsync(token)).Notice).Sensor);
        Assert.Same(changed, (await output.Reader.ReadAsync(token)).Notice);
        Assert.Same(other, await source.Used.WaitAsync(token));
        await changed.Subscribed.Task.WaitAsync(token);
        await worker.StopAsync(token);
    }

    [Fact]
    public async Task Settings_are_not_subscribed_to_before_the_broker_has_answered()
    {
        var source = new HidingSource { Answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        using var worker = Worker(source);
        await worker.StartAsync(token);
        var changed = new SettingsChanged(bench.Settings, new TaskCompletionSource());
        await control.Writer.WriteAsync(changed, token);
        await source.Used.WaitAsync(token);
        Assert.False(changed.Subscribed.Task.IsCompleted);
        source.Answer.SetResult();
        await changed.Subscribed.Task.WaitAsync(token);
        await worker.StopAsync(token);
    }

    [Fact]
    public async Task Several_sources_feed_one_stage_and_each_hears_of_other_settings()
    {
        HidingSource[] sources = [new(), new("plant/b")];
        using var worker = Worker(sources);
        await worker.StartAsync(token);
        string[] topics = [(await output.Reader.ReadAsync(token)).Reading.Sensor.Topic, (await output.Reader.ReadAsync(token)).Reading.Sensor.Topic];
        Assert.Equal(["plant/a", "plant/b"], topics.Order(StringComparer.Ordinal));
        await control.Writer.WriteAsync(new SettingsChanged(bench.Settings, new TaskCompletionSource()), token);
        foreach (var source in sources)
        {
            Assert.Same(bench.Settings, await source.Used.WaitAsync(token));
        }

        await worker.StopAsync(token);
    }

    private IngestWorker Worker(params ISensorSource[] sources) =>
        new(sources, bench.State, durable: null, new CheckpointSchedule(Path.Combine(folder.FullName, "s"), 1_000_000, bench.Clock), new StagePulses().Ingest, [control.Reader], output.Writer, bench.Clock);

    /// <summary>One message, and then nothing; as MQTTnet does, it swallows what the handler throws.</summary>
    private sealed class HidingSource(string topic = "plant/a") : ISensorSource
    {
        private readonly TaskCompletionSource<GatewaySettings> used = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<GatewaySettings> Used => used.Task;

        /// <summary>Completes when the broker has answered; null: at once.</summary>
        public TaskCompletionSource? Answer { get; init; }

        public Task UseAsync(GatewaySettings settings, CancellationToken token)
        {
            used.TrySetResult(settings);
            return Answer?.Task ?? Task.CompletedTask;
        }

        public async Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token)
        {
            var payload = System.Text.Encoding.UTF8.GetBytes(IngestBench.Payload(0, 1));
            await Record.ExceptionAsync(async () => await take(new SensorMessage(1, topic, new(payload), false, false, Any.Noon)));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }

        public ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token) => ValueTask.CompletedTask;
    }
}
