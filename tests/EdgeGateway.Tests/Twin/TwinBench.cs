using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Settings;
using EdgeGateway.Twin;
using Hubstand;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Twin;

/// <summary>Our twin worker over our client at the stand-in, all on one fake clock.</summary>
internal sealed class TwinBench : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("twin-bench-");
    private readonly CancellationTokenSource stopping = new();
    private readonly TwinWorker worker;
    private readonly HubOwner owner;
    private Task running = Task.CompletedTask;

    private TwinBench(HubBench hub)
    {
        Hub = hub;
        owner = hub.Owner();
        var layers = new LayeredSettings([new SettingsLayer(Encoding.UTF8.GetBytes(SettingsSamples.Minimal), "site.json")]);
        worker = new TwinWorker(
            owner.Client, layers, new LastGoodFile(folder.FullName), null, new TwinUse(ApplyAsync, () => new JsonObject { ["heartbeat"] = new JsonObject { ["time"] = hub.Clock.GetUtcNow() } }, _ => { }), hub.Clock, new Random(1), hub.Accounting, NullLogger.Instance);
    }

    /// <summary>Client and stand-in.</summary>
    public HubBench Hub { get; }

    /// <summary>What putting settings in force takes.</summary>
    public Func<CancellationToken, Task> Applying { get; set; } = _ => Task.CompletedTask;

    /// <summary>What was put in force last.</summary>
    public GatewaySettings? InForce { get; private set; }

    /// <summary>Version of the desired properties that is known.</summary>
    public long? Version => worker.Version;

    /// <summary>What the cloud has of us.</summary>
    public JsonObject Reported => Hub.Stand.Twin(Hub.Name)["reported"]!.AsObject();

    /// <summary>Starts both; the worker connects.</summary>
    public static async Task<TwinBench> StartAsync(Func<HubStandOptions, HubStandOptions>? change = null, Func<HubBench, Task>? before = null)
    {
        var bench = new TwinBench(await HubBench.StartAsync(change));
        if (before is not null)
        {
            await before(bench.Hub);
        }

        bench.Start();
        return bench;
    }

    /// <summary>Waits until the cloud was told of this version, and lets fake time pass meanwhile.</summary>
    public Task ReportsAsync(long version) => Hub.PassUntilAsync(() => (long?)Reported["twin"]?["version"] == version, $"version {version} is reported");

    /// <summary>Sets the threshold of the desired properties; the version.</summary>
    public long Desire(double threshold) => Hub.Stand.PatchDesired(Hub.Name, new JsonObject { ["detection"] = new JsonObject { ["threshold"] = threshold } });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await owner.DisposeAsync();
        worker.Dispose();
        await Hub.DisposeAsync();
        stopping.Dispose();
        folder.Delete(recursive: true);
    }

    private void Start()
    {
        var handlers = new HubHandlers(worker.ConnectedAsync, _ => worker.Disconnected(), worker.Changed, (_, _) => Task.FromResult(new MethodResponse(501, default)), (_, _) => Task.CompletedTask);
        running = Task.WhenAll(worker.RunAsync(stopping.Token), owner.Client.RunAsync(handlers, stopping.Token));
    }

    private async Task ApplyAsync(SettingsReadResult read, CancellationToken token)
    {
        await Applying(token);
        InForce = read.Settings;
    }
}
