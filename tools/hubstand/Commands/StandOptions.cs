using System.CommandLine;

namespace Hubstand.Commands;

/// <summary>The options that set a stand-in up.</summary>
/// <param name="defaultManifest">What is taken when none is named; null: there is no edgeHub then, and every message goes upstream.</param>
internal sealed class StandOptions(string? defaultManifest = null)
{
    private readonly Option<FileInfo?> manifest = new("--manifest")
    {
        Description = "deployment manifest or template: routes, modules and their desired properties; without one every message goes upstream",
        HelpName = "FILE",
        DefaultValueFactory = _ => defaultManifest is null ? null : new FileInfo(defaultManifest),
    };

    private readonly Option<DirectoryInfo> data = new("--data") { Description = "folder of identities, twins and the CA", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("hubstand-data") };
    private readonly Option<string> device = new("--device") { Description = "id of the edge device", HelpName = "ID", DefaultValueFactory = _ => "edge-1" };
    private readonly Option<string> hub = new("--hub") { Description = "host name of the hub that is acted", HelpName = "NAME", DefaultValueFactory = _ => "hubstand.azure-devices.net" };
    private readonly Option<string> gateway = new("--gateway") { Description = "host name of the edge device, also in the server's certificate", HelpName = "NAME", DefaultValueFactory = _ => "localhost" };
    private readonly Option<int> port = new("--port") { Description = "MQTT over TLS; 0: a free one", DefaultValueFactory = _ => 8883 };
    private readonly Option<int> webSocket = new("--websocket-port") { Description = "MQTT over WebSocket; clients expect 443, which only root may open; 0: a free one", DefaultValueFactory = _ => 8443 };
    private readonly Option<int> rest = new("--rest-port") { Description = "service API over HTTP; 0: a free one", DefaultValueFactory = _ => 8480 };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { manifest, data, device, hub, gateway, port, webSocket, rest })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the command line says.</summary>
    public HubStandOptions Read(ParseResult parsed, TimeProvider clock, Action<string> log)
    {
        var file = parsed.GetValue(manifest);
        return new HubStandOptions
        {
            HubHost = parsed.GetValue(hub)!,
            GatewayHost = parsed.GetValue(gateway)!,
            Device = parsed.GetValue(device)!,
            MqttPort = parsed.GetValue(port),
            WebSocketPort = parsed.GetValue(webSocket),
            RestPort = parsed.GetValue(rest),
            DataFolder = parsed.GetValue(data)!.FullName,
            Manifest = file is null ? null : File.ReadAllText(file.FullName),
            ManifestName = file?.Name ?? "",
            Clock = clock,
            Log = log,
        };
    }
}
