using System.Text;
using System.Text.Json.Nodes;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>A gateway as edgeAgent starts it: an identity at a hub stand-in and a data folder, its settings from the twin.</summary>
internal sealed class HubSite : IAsyncDisposable
{
    /// <summary>Id of our module.</summary>
    public const string Module = "edgeGateway";

    /// <summary>What the gateway is called when nobody gives it a name.</summary>
    public const string Gateway = "edge-1-edgeGateway";

    /// <summary>One route, as every deployment has it.</summary>
    public const string Manifest = """
        { "modulesContent": {
            "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "edgeGateway": { "type": "docker", "settings": { "image": "x" } } } } },
            "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": { "alerts": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream" } } } } }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-hubsite-");
    private readonly int brokerPort;

    private HubSite(HubStand stand, int brokerPort)
    {
        (Stand, this.brokerPort) = (stand, brokerPort);
        File.WriteAllText(PathOf("site.json"), $$"""{ "schema": 1, "hub": { "port": {{stand.MqttPort}} } }""");
    }

    /// <summary>The hub.</summary>
    public HubStand Stand { get; }

    /// <summary>Settings of the sensors that <see cref="Site"/> feeds, at this site's broker.</summary>
    public JsonObject Desired => JsonNode.Parse($$"""
        { "schema": 1, "broker": { "host": "127.0.0.1", "port": {{brokerPort}} },
          "sources": { "plant": { "topic": "plant/#", "values": "*", "time": "/ts" }, "end": { "topic": "end", "values": { "v": "/v" }, "time": "/ts", "range": { "v": [0, 1] } } } }
        """)!.AsObject();

    /// <summary>A hub that listens, with an identity for the gateway.</summary>
    /// <param name="broker">Null for a device that has none.</param>
    public static async Task<HubSite> StartedAsync(MosquittoBroker? broker, string manifest = Manifest) => new(await HubStand.StartAsync(new HubStandOptions { Manifest = manifest }), broker?.Port ?? 0);

    /// <summary>Writes a site file that names everything itself, so that no twin is needed.</summary>
    public void WriteSiteSettings()
    {
        var settings = Desired;
        settings["hub"] = new JsonObject { ["port"] = Stand.MqttPort };
        File.WriteAllText(PathOf("site.json"), settings.ToJsonString());
    }

    /// <summary>Path of a file in the site's folder.</summary>
    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Starts the gateway as edgeAgent does.</summary>
    /// <param name="variables">Variables of its environment that are others than edgeAgent's.</param>
    public GatewayProcess Run(string module = Module, params IEnumerable<(string Name, string Value)> variables)
    {
        var environment = new Dictionary<string, string>(Stand.ModuleEnvironment(module));
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return GatewayProcess.Start(folder.FullName, environment, "run", "--config", PathOf("site.json"), "--data", PathOf("data"));
    }

    /// <summary>The same as a user without rights.</summary>
    public GatewayProcess RunUnprivileged() =>
        GatewayProcess.StartUnprivileged(folder.FullName, Stand.ModuleEnvironment(Module), "run", "--config", PathOf("site.json"), "--data", PathOf("data"));

    /// <summary>Changes the desired properties; returns their version.</summary>
    public long Patch(JsonObject patch) => Stand.PatchDesired(Stand.NameOf(Module), patch);

    /// <summary>The same with JSON text.</summary>
    public long Patch(string patch) => Patch(JsonNode.Parse(patch)!.AsObject());

    /// <summary>Invokes a direct method.</summary>
    public async Task<(int Status, JsonObject Body)> InvokeAsync(string method, string payload = "{}")
    {
        var result = await Stand.InvokeAsync(Stand.NameOf(Module), method, payload, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return (result.Status, result.Payload.IsEmpty ? [] : JsonNode.Parse(result.Payload.Span)!.AsObject());
    }

    /// <summary>Waits until the gateway says that this version of the desired properties is known, and every section of it answers 200.</summary>
    public async Task InForceAsync(long version, GatewayProcess gateway)
    {
        JsonObject status = [];
        await Eventually.HoldsAsync(
            () =>
            {
                status = Status();
                return (long?)status["hub"]?["desiredVersion"] == version && (string?)status["state"] == "running";
            },
            () => $"version {version} is in force, but the status is {status.ToJsonString()} and the gateway said:\n{gateway.Output}");
        Assert.All(status["sections"]!.AsObject(), section => Assert.Equal(200, (int)section.Value!["status"]!));
    }

    /// <summary>What a counter of the gateway shows, all reasons together.</summary>
    public long Counter(string name) =>
        Status()["counters"]?.AsObject().Where(c => c.Key == name || c.Key.StartsWith($"{name}.", StringComparison.Ordinal)).Sum(c => (long)c.Value!) ?? 0;

    /// <summary>The transitions that reached the hub, in order.</summary>
    public IReadOnlyList<SeenTransition> Upstream() => [.. Stand.Telemetry.Select(m => SeenTransition.Parse(Encoding.UTF8.GetString(m.Body.Span)))];

    /// <summary>How often something happened at the hub.</summary>
    public long Count(HubEvent happened) => Stand.Counters[happened];

    /// <summary>What the gateway answers to the command status; empty while it does not.</summary>
    public JsonObject Status() => Answer("status");

    /// <summary>What the gateway answers to a command without a payload; empty while it does not.</summary>
    public JsonObject Answer(string command)
    {
        var asked = InvokeAsync(command);
        return asked.Wait(TimeSpan.FromSeconds(31), TestContext.Current.CancellationToken) && asked.Result.Status == 200 ? asked.Result.Body : [];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stand.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
