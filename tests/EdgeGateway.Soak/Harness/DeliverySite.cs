using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hubstand;

namespace EdgeGateway.Soak.Harness;

/// <summary>The module as a process between real sensors and its sinks, a broker and a hub, each behind a network that can fail; what reaches the sinks is kept.</summary>
internal sealed class DeliverySite : IAsyncDisposable
{
    private const string Module = "edgeGateway";
    private const string Manifest = """
        { "modulesContent": {
            "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "edgeGateway": { "type": "docker", "settings": { "image": "x" } } } } },
            "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": { "alerts": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream" } } } } }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
    private readonly ConcurrentQueue<ReadOnlyMemory<byte>> local = new();
    private readonly Measured subscriber;
    private readonly HttpClient http = new();
    private readonly int metricsPort = Machine.FreePort();
    private Measured? module;

    private DeliverySite(Broker broker, HubStand stand, string data)
    {
        (Broker, Hub, Data) = (broker, stand, data);
        (BrokerNetwork, HubNetwork) = (new FaultProxy(broker.Port), new FaultProxy(stand.MqttPort));
        subscriber = Measured.Start("mosquitto_sub", ["-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", $"edgegateway/{Name}/events"], line => local.Enqueue(Encoding.UTF8.GetBytes(line)));
        File.WriteAllText(Configuration, Settings());
    }

    /// <summary>Name of the gateway.</summary>
    public static string Name => "soak";

    /// <summary>Its data folder.</summary>
    public string Data { get; }

    /// <summary>The broker itself.</summary>
    public Broker Broker { get; }

    /// <summary>The hub itself.</summary>
    public HubStand Hub { get; }

    public FaultProxy BrokerNetwork { get; }

    public FaultProxy HubNetwork { get; }

    /// <summary>What the broker passed on, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Local => [.. local.Where(l => l.Length > 0)];

    /// <summary>What reached the hub, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Upstream => [.. Hub.Telemetry.Select(t => t.Body)];

    /// <summary>What the module that runs has printed; of the last one when none does.</summary>
    public string Output => module?.Output ?? "";

    /// <summary>The module's process.</summary>
    public Measured Process => module!;

    /// <summary>Whether the module runs.</summary>
    public bool IsRunning => module is { HasExited: false };

    private string Configuration => Path.Combine(folder.FullName, "gateway.json");

    /// <summary>Broker and hub, no module yet.</summary>
    public static async Task<DeliverySite> StartAsync(string data, CancellationToken token) =>
        new(await Broker.StartAsync(token), await HubStand.StartAsync(new HubStandOptions { Manifest = Manifest, Modules = [Module] }), data);

    /// <summary>Starts the module.</summary>
    /// <param name="through">A program that starts it, with its arguments.</param>
    public void Run(IEnumerable<KeyValuePair<string, string>> variables, params string[] through)
    {
        string[] command = [.. through, "dotnet", Deployed.Program, "run", "--config", Configuration, "--data", Data];
        module?.Dispose();
        module = Measured.Start(command[0], command[1..], environment: Hub.ModuleEnvironment(Module).Concat(Deployed.Environment).Concat(variables));
    }

    /// <summary>Returns when it has connected to broker and hub.</summary>
    public Task ConnectedAsync(CancellationToken token) =>
        Eventually.HoldsAsync(() => Output.Split("is connected").Length >= 4, () => $"the module connects, but it said:\n{Output}", token, TimeSpan.FromMinutes(3));

    /// <summary>Changes its desired properties.</summary>
    public void Patch(JsonObject change) => Hub.PatchDesired(Hub.NameOf(Module), change);

    /// <summary>What it counted, by name and by name.reason, as its newest status says it: from time to time, and when it stops; nothing while its last will stands there, which has no counters.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountedAsync(CancellationToken token)
    {
        using var reader = Measured.Start("mosquitto_sub", ["-h", "127.0.0.1", "-p", $"{Broker.Port}", "-C", "1", "-t", $"edgegateway/{Name}/status"]);
        await reader.EndAsync(token);
        using var status = JsonDocument.Parse(reader.Output);
        return status.RootElement.TryGetProperty("counters", out var counters) ? counters.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt64()) : [];
    }

    /// <summary>Bytes that .NET's heap holds in the module, what is to be collected among them.</summary>
    public async Task<long> HeapBytesAsync(CancellationToken token)
    {
        const string name = "dotnet_total_memory_bytes";
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{metricsPort}/metrics"), token);
        return (long)double.Parse(metrics.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL to it and to what started it.</summary>
    public void Kill() => module?.Kill();

    /// <summary>SIGTERM, and an end with 0.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        module!.Terminate();
        await module.EndAsync(token);
    }

    public Task PublishAsync(string payload, CancellationToken token) => Broker.PublishAsync(TogglingSensors.Topic, payload, token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        module?.Kill();
        module?.Dispose();
        subscriber.Dispose();
        http.Dispose();
        BrokerNetwork.Dispose();
        HubNetwork.Dispose();
        Broker.Dispose();
        await Hub.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private string Settings() => new JsonObject
    {
        ["schema"] = 1,
        ["gateway"] = Name,
        ["ack"] = "durable",
        ["broker"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = BrokerNetwork.Port, ["keepAlive"] = "00:00:05" },
        ["hub"] = new JsonObject { ["port"] = HubNetwork.Port },
        ["operations"] = new JsonObject { ["metrics"] = metricsPort },
        ["sources"] = new JsonObject
        {
            ["load"] = new JsonObject { ["topic"] = "load/{number}", ["values"] = new JsonObject { ["value"] = "/value" }, ["time"] = "/ts" },
            ["plant"] = new JsonObject { ["topic"] = "plant/#", ["values"] = "*", ["time"] = "/ts" },
            ["send"] = new JsonObject
            {
                ["topic"] = TogglingSensors.Topic,
                ["values"] = new JsonObject(TogglingSensors.Values.Select(v => KeyValuePair.Create<string, JsonNode?>(v, $"/{v}"))),
                ["time"] = "/ts",
                ["range"] = new JsonObject(TogglingSensors.Values.Select(v => KeyValuePair.Create<string, JsonNode?>(v, new JsonArray(0, 1)))),
            },
        },
    }.ToJsonString();
}
