using System.Text;
using System.Text.Json.Nodes;
using Hubstand.Hub;
using Hubstand.Identities;
using Hubstand.Rest;
using Hubstand.Routes;
using Hubstand.Twins;
using Hubstand.Workload;

namespace Hubstand;

/// <summary>
/// A stand-in for IoT Hub, edgeHub and the workload API on loopback: everything that a module meets, with switches for everything that goes wrong there. Without a manifest it
/// is a hub that the device speaks to directly.
/// </summary>
public sealed class HubStand : IAsyncDisposable
{
    /// <summary>macOS takes 104 bytes with the end of the text, Linux 108; some are left for the name under which a stale socket is kept.</summary>
    private const int LongestSocketPath = 97;

    private readonly HubContext hub;
    private readonly ClientTable clients;
    private readonly Upstream upstream;
    private readonly EdgeTwins edgeTwins;
    private readonly TwinRequests twinRequests;
    private readonly DirectMethods methods;
    private readonly Listener listener;
    private readonly DirectoryInfo? temporary;
    private readonly Dictionary<string, WorkloadServer> workloads = new(StringComparer.Ordinal);
    private readonly Lock starting = new();
    private ITimer? tokenCheck;
    private DirectoryInfo? sockets;

    private HubStand(HubStandOptions options)
    {
        var manifest = options.Manifest is { } text ? Routes.Manifest.Parse(text, options.ManifestName) : null;
        temporary = options.DataFolder is null ? Directory.CreateTempSubdirectory("hubstand-") : null;
        DataFolder = Directory.CreateDirectory(options.DataFolder ?? temporary!.FullName).FullName;
        hub = new HubContext(options, new IdentityStore(DataFolder), new Authority(DataFolder), new TwinStore(DataFolder), manifest, new HubCounters(), new Switches());
        clients = new ClientTable(hub);
        upstream = new Upstream(hub);
        edgeTwins = new EdgeTwins(hub.Twins, hub.Switches, options.Clock);
        twinRequests = new TwinRequests(hub, edgeTwins, clients);
        methods = new DirectMethods(hub, clients);
        var requests = new SessionRequests(hub, new MessageRouter(hub, clients, upstream), twinRequests, methods);
        listener = new Listener(hub, new MqttFrontDoor(hub, clients, requests), app => ServiceApi.Map(app, this));
        hub.Switches.Changed = OnSwitched;
    }

    /// <summary>Folder of identities, twins and the CA.</summary>
    public string DataFolder { get; }

    /// <summary>Port of MQTT over TLS on 127.0.0.1.</summary>
    public int MqttPort => listener.MqttPort;

    /// <summary>Port of MQTT over WebSocket over TLS, path <c>/$iothub/websocket</c>.</summary>
    public int WebSocketPort => listener.WebSocketPort;

    /// <summary>Port of the service API over HTTP.</summary>
    public int RestPort => listener.RestPort;

    /// <summary>How it was set up.</summary>
    public HubStandOptions Options => hub.Options;

    /// <summary>The CA certificate that clients must trust, PEM.</summary>
    public string CaPem => hub.Authority.Pem;

    /// <summary>Path of the CA certificate.</summary>
    public string CaFile => hub.Authority.File;

    /// <summary>Faults to switch on.</summary>
    public Switches Switches => hub.Switches;

    /// <summary>What happened how often.</summary>
    public HubCounters Counters => hub.Counters;

    /// <summary>What reached the cloud, in order.</summary>
    public IReadOnlyList<TelemetryMessage> Telemetry => upstream.Received;

    /// <summary>Takes out what reached the cloud since the last call, in order, so that long runs keep none of it.</summary>
    public IReadOnlyList<TelemetryMessage> TakeTelemetry() => upstream.Take();

    /// <summary>Messages that edgeHub's store keeps while offline.</summary>
    public int StoredTelemetry => upstream.Stored;

    /// <summary>Client ids of the open connections.</summary>
    public IReadOnlyList<string> Connected => [.. clients.Sessions.Select(s => s.Client.Name.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>All registered identities.</summary>
    public IReadOnlyList<Identity> Identities => hub.Identities.All;

    /// <summary>Starts a stand-in; it listens when this returns.</summary>
    /// <exception cref="InvalidDataException">The manifest cannot be used.</exception>
    /// <exception cref="IOException">A port is in use.</exception>
    public static async Task<HubStand> StartAsync(HubStandOptions? options = null)
    {
        var stand = new HubStand(options ?? new HubStandOptions());
        try
        {
            stand.Register();
            await stand.listener.StartAsync();
            var interval = stand.Options.TokenCheckInterval;
            stand.tokenCheck = stand.Options.Clock.CreateTimer(_ => stand.clients.CutExpired(), null, interval, interval);
            return stand;
        }
        catch
        {
            await stand.DisposeAsync();
            throw;
        }
    }

    /// <summary>Name of a module of the edge device; null: the device itself.</summary>
    public IdentityName NameOf(string? module) => new(Options.Device, module);

    /// <summary>The identity; registered with new keys when it is not known.</summary>
    public Identity Register(IdentityName name) => hub.Identities.Ensure(name);

    /// <summary>Changes an identity, such as to disable it or to give it a certificate's thumbprint.</summary>
    public Identity Change(IdentityName name, Func<Identity, Identity> change) => hub.Identities.Change(name, change);

    /// <summary>Deletes an identity with its twin; made again, it has other keys and version 1. False when it was not known.</summary>
    public bool Delete(IdentityName name)
    {
        edgeTwins.Forget(name);
        hub.Twins.Reset(name);
        var removed = hub.Identities.Remove(name);
        clients.Of(name).Current?.Drop();
        return removed;
    }

    /// <summary>A client certificate of our CA for an identity: certificate and key, PEM.</summary>
    public (string Certificate, string PrivateKey) IssueCertificate(IdentityName name)
    {
        var issued = hub.Authority.IssueClient(name.ToString());
        return (issued.Certificate, issued.PrivateKey);
    }

    /// <summary>A token for an identity that ends at this time.</summary>
    public string Token(IdentityName name, DateTimeOffset expiry) =>
        SasToken.Sign(Uri.EscapeDataString($"{Options.HubHost}/{name.Resource}"), Register(name).PrimaryKey, expiry.ToUnixTimeSeconds());

    /// <summary>The connection string of an identity, with GatewayHostName.</summary>
    public string ConnectionString(IdentityName name) =>
        $"HostName={Options.HubHost};DeviceId={name.Device};{(name.Module is null ? "" : $"ModuleId={name.Module};")}SharedAccessKey={Register(name).PrimaryKey};GatewayHostName={Options.GatewayHost}";

    /// <summary>The workload API of a module, listening since the first call.</summary>
    public WorkloadServer Workload(string module)
    {
        lock (starting)
        {
            if (!workloads.TryGetValue(module, out var server))
            {
                Register(NameOf(module));
                server = workloads[module] = new WorkloadServer(NameOf(module), SocketPath(module), hub);
                server.Start();
            }

            return server;
        }
    }

    /// <summary>The environment that edgeAgent gives a module; its workload API listens when this returns.</summary>
    public IReadOnlyDictionary<string, string> ModuleEnvironment(string module) => new Dictionary<string, string>
    {
        ["IOTEDGE_WORKLOADURI"] = Workload(module).Uri,
        ["IOTEDGE_AUTHSCHEME"] = "sasToken",
        ["IOTEDGE_MODULEGENERATIONID"] = Register(NameOf(module)).GenerationId,
        ["IOTEDGE_IOTHUBHOSTNAME"] = Options.HubHost,
        ["IOTEDGE_GATEWAYHOSTNAME"] = Options.GatewayHost,
        ["IOTEDGE_DEVICEID"] = Options.Device,
        ["IOTEDGE_MODULEID"] = module,
        ["IOTEDGE_APIVERSION"] = "2022-08-03",
        ["RuntimeLogLevel"] = "info",
    };

    /// <summary>The cloud's twin: <c>desired</c> and <c>reported</c>, each with <c>$version</c>.</summary>
    public JsonObject Twin(IdentityName name) => hub.Twins.Read(name).ToJson();

    /// <summary>Changes desired properties as the service API does; null removes a member.</summary>
    /// <returns>The new version.</returns>
    /// <exception cref="ArgumentException">The patch breaks a limit of twins.</exception>
    public long PatchDesired(IdentityName name, JsonObject patch) => ChangeDesired(name, patch, replace: false);

    /// <summary>Replaces the desired properties.</summary>
    /// <exception cref="ArgumentException">They break a limit of twins.</exception>
    public long ReplaceDesired(IdentityName name, JsonObject desired) => ChangeDesired(name, desired, replace: true);

    /// <summary>Invokes a direct method: 404 when the module is not connected or not subscribed, 504 when it does not answer.</summary>
    /// <param name="payload">JSON, or empty.</param>
    /// <param name="timeout">Default 30 s.</param>
    public Task<MethodResult> InvokeAsync(IdentityName name, string method, string payload, TimeSpan? timeout = null, CancellationToken token = default) =>
        methods.InvokeAsync(name, method, Encoding.UTF8.GetBytes(payload), timeout ?? TimeSpan.FromSeconds(30), token);

    /// <summary>Puts a message into an input, as a route from another module would.</summary>
    /// <param name="from">Module that seems to have sent it.</param>
    public void SendToInput(string module, string input, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string?>? properties = null, string from = "hubstand") =>
        clients.DeliverInput(NameOf(module), input, new TelemetryMessage(0, NameOf(from), null, properties ?? new Dictionary<string, string?>(), new Dictionary<string, string?>(), body, Options.Clock.GetUtcNow()));

    /// <summary>Sends a message from the cloud to a device (never to a module).</summary>
    public void SendToDevice(IdentityName device, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string?>? properties = null) =>
        clients.DeliverToDevice(device, properties ?? new Dictionary<string, string?>(), body);

    /// <summary>Messages of inputs that the module has not acknowledged yet.</summary>
    public int WaitingInputs(string module) => clients.Of(NameOf(module)).Mailbox.Count;

    /// <summary>Drops every connection, as a restart of edgeHub or a renewal of its certificate does.</summary>
    public void DisconnectAll() => clients.DropAll();

    /// <summary>Looks for ended tokens now, without waiting for <see cref="HubStandOptions.TokenCheckInterval"/>.</summary>
    public void CheckTokens() => clients.CutExpired();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (tokenCheck is not null)
        {
            await tokenCheck.DisposeAsync();
        }

        clients.DropAll();
        await listener.DisposeAsync();
        foreach (var workload in workloads.Values)
        {
            await workload.DisposeAsync();
        }

        hub.Authority.Dispose();
        temporary?.Delete(recursive: true);
        sockets?.Delete(recursive: true);
    }

    private long ChangeDesired(IdentityName name, JsonObject properties, bool replace)
    {
        if (TwinRules.Check(properties) is { } problem)
        {
            throw new ArgumentException(problem, nameof(properties));
        }

        var patch = hub.Twins.ChangeDesired(name, properties, replace);
        twinRequests.Announce(name, patch);
        return patch["$version"]!.GetValue<long>();
    }

    private void Register()
    {
        Register(NameOf(null));
        foreach (var module in Options.Modules.Concat(hub.Manifest?.Modules ?? []))
        {
            Register(NameOf(module));
        }

        foreach (var (module, deployed) in hub.Manifest?.Desired ?? new Dictionary<string, JsonObject>())
        {
            if (TwinRules.Check(Deployment.Over([], deployed)) is { } problem)
            {
                throw new InvalidDataException($"{Options.ManifestName}: desired properties of {module}: {problem}");
            }

            hub.Twins.Deploy(NameOf(module), deployed);
        }
    }

    private void OnSwitched()
    {
        if (Switches.Down)
        {
            clients.DropAll();
        }

        if (!Switches.Offline)
        {
            upstream.BackOnline();
            twinRequests.BackOnline();
        }
    }

    /// <summary>In the data folder, so that it is the same after a restart; in a temporary one where that path would be longer than a socket's may be.</summary>
    private string SocketPath(string module)
    {
        var name = Uri.EscapeDataString(module) + ".sock";
        var path = Path.Combine(DataFolder, "workload", name);
        if (Encoding.UTF8.GetByteCount(path) <= LongestSocketPath)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return path;
        }

        sockets ??= Directory.CreateTempSubdirectory("hubstand-");
        return Path.Combine(sockets.FullName, name);
    }
}
