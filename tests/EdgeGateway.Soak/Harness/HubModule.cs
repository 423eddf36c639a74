using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Twin;
using Hubstand;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Soak.Harness;

/// <summary>What of the module deals with the hub, put together as <c>run</c> does: client, twin with its files, outbox on disk, and the hub as a sink.</summary>
internal sealed class HubModule : IAsyncDisposable
{
    /// <summary>Name of the gateway.</summary>
    public const string Gateway = "soak";

    /// <summary>Renewed after eleven twelfths: longer than what counts as a short connection.</summary>
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(18);
    private const int Remembered = 3_000;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
    private readonly Channel<StageEvent> alerts = new StageChannels().Alerts;
    private readonly CancellationTokenSource stopping = new();
    private readonly HubAccess access;
    private readonly MqttHubClient client;
    private readonly TwinWorker twin;
    private readonly GatewayStore store;
    private readonly Outbox outbox;
    private readonly OutboxWorker outboxWorker;
    private readonly SinkWorker sinkWorker;
    private readonly Task running;
    private volatile bool cut = true;
    private int reconnects;
    private int renewals;

    /// <summary>Starts it against a stand-in.</summary>
    public HubModule(HubStand stand, string module, TimeProvider clock)
    {
        var environment = HubEnvironment.Read(new Dictionary<string, string> { ["EdgeHubConnectionString"] = stand.ConnectionString(stand.NameOf(module)), ["EdgeModuleCACertificateFile"] = stand.CaFile })!;
        access = new HubAccess(environment, new HubSettings(HubTransport.Tcp, stand.MqttPort, null, null, null), clock) { TokenLifetime = TokenLifetime };
        client = new MqttHubClient(access, () => true, clock, new NoJitter(), Accounting, NullLogger<MqttHubClient>.Instance);
        Layers = new LayeredSettings([new SettingsLayer(Site, "site.json")]);
        File = new LastGoodFile(folder.FullName);
        twin = new TwinWorker(client, Layers, File, null, new TwinUse(Apply, () => new JsonObject { ["heartbeat"] = new JsonObject { ["time"] = clock.GetUtcNow() } }, _ => { }), clock, new Random(1), Accounting, NullLogger.Instance);

        store = GatewayStore.Open(folder.FullName, clock);
        store.Commit(EndedAlerts(clock.GetUtcNow()));
        var state = new DeliveryState(new LayeredSettings([new SettingsLayer(Site, "site.json"), new SettingsLayer(AnySource, "sources.json")]).Restore([]).Settings!);
        var (sink, disk) = (new HubAlertSink(client, new HubBudget(store, state, clock), clock), new FullDisk(clock, NullLogger<FullDisk>.Instance));
        outbox = new Outbox(store, state, [sink.Name], [sink.Name], Accounting);
        outbox.Open();
        outboxWorker = new OutboxWorker(outbox, new CheckpointSchedule(Path.Combine(folder.FullName, "none"), 1, clock), null, null, disk, new StagePulses().Delivery, alerts.Reader, NullLogger<OutboxWorker>.Instance);
        sinkWorker = new SinkWorker(sink, store, outbox, outboxWorker, disk, Accounting, clock, NullLogger<SinkWorker>.Instance);
        running = RunAsync();
    }

    private static ReadOnlyMemory<byte> Site => """{ "schema": 1, "gateway": "soak", "broker": { "host": "localhost" } }"""u8.ToArray();

    /// <summary>Without a source there are no settings, and those of the twin come later.</summary>
    private static ReadOnlyMemory<byte> AnySource => """{ "schema": 1, "sources": { "any": { "topic": "any", "values": { "value": "/v" } } } }"""u8.ToArray();

    /// <summary>What the parts counted.</summary>
    public Accounting Accounting { get; } = new();

    /// <summary>Layers as the twin left them; look at them while it is quiet.</summary>
    public LayeredSettings Layers { get; }

    /// <summary>The file of the last good settings.</summary>
    public LastGoodFile File { get; }

    /// <summary>What was put in force last.</summary>
    public SettingsReadResult? Applied { get; private set; }

    /// <summary>Version of the desired properties that is known.</summary>
    public long? Version => twin.Version;

    /// <summary>Connections made after the other side had ended one.</summary>
    public int Reconnects => Volatile.Read(ref reconnects);

    /// <summary>Connections made for a new token.</summary>
    public int Renewals => Volatile.Read(ref renewals);

    /// <summary>Connections made in all.</summary>
    public int Connects => Reconnects + Renewals;

    /// <summary>Alerts that wait for the hub.</summary>
    public int Pending => store.Backlogs().Sum(b => b.Pending);

    /// <summary>Alerts that were given up.</summary>
    public int Dead => store.DeadLetters().Count;

    /// <summary>Transitions that the outbox took.</summary>
    public long Committed => Accounting.Total("transitions");

    /// <summary>Hands a transition to the outbox.</summary>
    public ValueTask AlertAsync(Alert alert, CancellationToken token) => alerts.Writer.WriteAsync(alert, token);

    /// <summary>Fails when a part has ended.</summary>
    public void ThrowIfEnded()
    {
        if (running.IsCompleted)
        {
            throw new SoakException($"A part of the module ended: {running.Exception?.GetBaseException().Message ?? "without a fault"}.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        alerts.Writer.TryComplete();
        await sinkWorker.StopAsync(CancellationToken.None);
        await outboxWorker.StopAsync(CancellationToken.None);
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        IDisposable[] parts = [sinkWorker, outboxWorker, outbox, store, twin, client, access, stopping];
        foreach (var part in parts)
        {
            part.Dispose();
        }

        folder.Delete(recursive: true);
    }

    /// <summary>What a gateway remembers after a month: so much that the database's page cache, 2 MB, is full from the start and does not look like growth.</summary>
    private static List<AlertTransition> EndedAlerts(DateTimeOffset now)
    {
        var state = new byte[1000];
        return [.. Enumerable.Range(0, Remembered).Select(i => new AlertTransition(new AlertState($"before-{i}", "soak/before", Family.Limit, 1, false, now, state), 1, "cleared", state))];
    }

    private async Task RunAsync()
    {
        await outboxWorker.StartAsync(CancellationToken.None);
        await sinkWorker.StartAsync(CancellationToken.None);
        var handlers = new HubHandlers(ConnectedAsync, Disconnected, twin.Changed, (_, _) => Task.FromResult(new MethodResponse(404, ReadOnlyMemory<byte>.Empty)), (_, _) => Task.CompletedTask);
        await await Task.WhenAny(client.RunAsync(handlers, stopping.Token), twin.RunAsync(stopping.Token), outboxWorker.ExecuteTask!, sinkWorker.ExecuteTask!);
    }

    private async Task ConnectedAsync(CancellationToken token)
    {
        await twin.ConnectedAsync(token);
        Interlocked.Increment(ref cut ? ref reconnects : ref renewals);
        cut = false;
    }

    private void Disconnected(string cause)
    {
        cut = true;
        twin.Disconnected();
    }

    private Task Apply(SettingsReadResult read, CancellationToken token)
    {
        Applied = read;
        return Task.CompletedTask;
    }

    /// <summary>Full jitter at its smallest: no wait at all.</summary>
    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
