using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tests.Settings;
using EdgeGateway.Twin;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Twin;

/// <summary>The twin of note 2.5 and 2.6: partial, repeated, out of order, empty, lower, throttled, silent.</summary>
public sealed class TwinWorkerTests : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("twin-");
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly FakeHub hub = new();
    private readonly Accounting accounting = new();
    private readonly Channel<SettingsReadResult> applied = Channel.CreateBounded<SettingsReadResult>(1000);
    private CancellationTokenSource stopping = new();
    private readonly CancellationToken token = TestContext.Current.CancellationToken;
    private TwinWorker worker;
    private Task running;

    public TwinWorkerTests() => (worker, running) = Start();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_whole_is_read_on_every_connect_and_applied_when_it_is_new()
    {
        hub.Change("""{"detection":{"threshold":2}}""");
        await worker.ConnectedAsync(token);
        Assert.Equal(2, Threshold());
        await worker.ConnectedAsync(token);
        Assert.Equal(2, hub.Gets);
        Assert.False(applied.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_change_that_follows_is_merged_and_one_that_comes_twice_is_not()
    {
        await worker.ConnectedAsync(token);
        Threshold();
        var change = hub.Change("""{"detection":{"threshold":3}}""");
        worker.Changed(change);
        worker.Changed(change);
        Assert.Equal(3, await NextThresholdAsync());
        worker.Changed(hub.Change("""{"detection":null}"""));
        Assert.Null(await NextThresholdAsync());
        Assert.Equal(1, hub.Gets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_gap_or_garbage_the_whole_is_read(bool garbage)
    {
        await worker.ConnectedAsync(token);
        Threshold();
        hub.Change("""{"detection":{"threshold":3}}""");
        var second = hub.Change("""{"alerts":{"clearAfter":"00:01:00"}}""");
        worker.Changed(garbage ? Encoding.UTF8.GetBytes("{\"$version\":") : second);
        Assert.Equal(3, await NextThresholdAsync());
        Assert.Equal(2, hub.Gets);
    }

    [Fact]
    public async Task After_a_gap_an_answer_that_does_not_come_is_asked_for_again_soon()
    {
        await worker.ConnectedAsync(token);
        Threshold();
        hub.Change("""{"detection":{"threshold":3}}""");
        hub.Faults.Enqueue(new HubException(HubFault.Unavailable, "no answer within 60 seconds"));
        worker.Changed(hub.Change("""{"alerts":{"clearAfter":"00:01:00"}}"""));
        var before = clock.GetUtcNow();
        await Passing.UntilAsync(clock, () => applied.Reader.TryPeek(out _));
        Assert.Equal(3, Threshold());
        Assert.InRange((clock.GetUtcNow() - before).TotalMinutes, 0, 5);
    }

    [Fact]
    public async Task A_lower_version_of_the_whole_is_a_module_made_anew_and_is_believed()
    {
        for (var i = 0; i < 5; i++)
        {
            hub.Change("""{"detection":{"threshold":3}}""");
        }

        await worker.ConnectedAsync(token);
        Assert.Equal(3, Threshold());
        hub.Desired = FakeHub.Json("""{"$version":1,"detection":{"threshold":1}}""");
        await worker.ConnectedAsync(token);
        Assert.Equal(1, Threshold());
        worker.Changed(hub.Change("""{"detection":{"threshold":1.5}}"""));
        Assert.Equal(1.5, await NextThresholdAsync());
    }

    [Fact]
    public async Task An_empty_twin_of_an_edgeHub_that_knows_nothing_changes_nothing()
    {
        hub.Change("""{"detection":{"threshold":2}}""");
        await worker.ConnectedAsync(token);
        Threshold();
        hub.Desired = [];
        await worker.ConnectedAsync(token);
        Assert.False(applied.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_change_that_never_came_is_found_within_the_hour()
    {
        await worker.ConnectedAsync(token);
        Threshold();
        hub.Change("""{"detection":{"threshold":4}}""");
        var before = clock.GetUtcNow();
        await Passing.UntilAsync(clock, () => applied.Reader.TryPeek(out _));
        Assert.Equal(4, Threshold());
        Assert.InRange((clock.GetUtcNow() - before).TotalMinutes, 30, 61);
    }

    [Fact]
    public async Task A_hub_that_is_too_busy_at_the_connect_is_asked_again_soon_and_keeps_the_connection()
    {
        hub.Change("""{"detection":{"threshold":2}}""");
        hub.Faults.Enqueue(new HubException(HubFault.Throttled, "429"));
        hub.Faults.Enqueue(new HubException(HubFault.Throttled, "429"));
        await worker.ConnectedAsync(token);
        var before = clock.GetUtcNow();
        await Passing.UntilAsync(clock, () => applied.Reader.TryPeek(out _));
        Assert.InRange((clock.GetUtcNow() - before).TotalMinutes, 0.5, 10);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"desired":5}""")]
    [InlineData("""{"desired":{"$version":2,"detection":""")]
    [InlineData("deep")]
    public async Task A_twin_that_cannot_be_read_leaves_everything_in_force_and_is_reported(string answer)
    {
        hub.Change("""{"detection":{"threshold":2}}""");
        await worker.ConnectedAsync(token);
        Threshold();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        hub.Answer = Encoding.UTF8.GetBytes(answer == "deep" ? "{\"desired\":{\"$version\":3,\"sources\":" + deep + "}}" : answer);
        await worker.ConnectedAsync(token);
        Assert.False(applied.Reader.TryRead(out _));
        await Passing.UntilAsync(clock, () => (int?)hub.Reported["twin"]?["status"] == 400);
        Assert.Equal(200, (int)hub.Reported["detection"]!["status"]!);
    }

    [Fact]
    public async Task A_connection_that_gives_no_twin_is_made_again()
    {
        hub.Faults.Enqueue(new HubException(HubFault.Unavailable, "no answer"));
        await Assert.ThrowsAsync<HubException>(() => worker.ConnectedAsync(token));
    }

    [Fact]
    public async Task Each_section_is_reported_with_its_version_and_status_and_an_hourly_heartbeat()
    {
        hub.Change("""{"detection":{"threshold":"x"},"alerts":{}}""");
        await worker.ConnectedAsync(token);
        await Passing.UntilAsync(clock, () => hub.Patches.TryRead(out _));
        Assert.Equal(("""{"version":2,"status":200}""", 400), (hub.Reported["alerts"]!.ToJsonString(), (int)hub.Reported["detection"]!["status"]!));
        var beat = hub.Reported["heartbeat"]!.ToJsonString();
        var before = clock.GetUtcNow();
        await Passing.UntilAsync(clock, () => hub.Reported["heartbeat"]!.ToJsonString() != beat);
        Assert.InRange((clock.GetUtcNow() - before).TotalMinutes, 50, 62);
    }

    [Fact]
    public async Task What_was_known_goes_on_after_a_restart_also_when_the_next_thing_is_a_patch()
    {
        hub.Change("""{"detection":{"threshold":2}}""");
        await worker.ConnectedAsync(token);
        Threshold();
        await StopAsync();
        stopping = new CancellationTokenSource();
        (worker, running) = Start();
        await worker.ConnectedAsync(token);
        Assert.Equal(2, Threshold());
        worker.Changed(hub.Change("""{"alerts":{"clearAfter":"00:02:00"}}"""));
        Assert.Equal(2, await NextThresholdAsync());
        Assert.Equal(2, hub.Gets);
    }

    private (TwinWorker Worker, Task Running) Start()
    {
        var file = new LastGoodFile(folder.FullName);
        var layers = new LayeredSettings([new SettingsLayer(Encoding.UTF8.GetBytes(SettingsSamples.Minimal), "site.json")]);
        var use = new TwinUse(
            (read, _) =>
            {
                Assert.True(applied.Writer.TryWrite(read));
                return Task.CompletedTask;
            },
            () => new JsonObject { ["heartbeat"] = new JsonObject { ["time"] = clock.GetUtcNow() } }, _ => { });
        var good = file.Read(out var problem);
        Assert.Null(problem);
        var made = new TwinWorker(hub, layers, file, good, use, clock, new Random(1), accounting, NullLogger.Instance);
        return (made, made.RunAsync(stopping.Token));
    }

    private async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        worker.Dispose();
        stopping.Dispose();
    }

    private double? Threshold() => applied.Reader.TryRead(out var read) ? read.Settings!.Detection.Threshold : throw new InvalidOperationException("Nothing was applied.");

    private async Task<double?> NextThresholdAsync() => (await applied.Reader.ReadAsync(token)).Settings!.Detection.Threshold;
}
