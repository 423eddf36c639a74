namespace Hubstand;

/// <summary>How a stand-in is set up; everything has a default that suits a test.</summary>
public sealed record HubStandOptions
{
    /// <summary>Full host name of the IoT Hub that is acted; nothing is looked up under it.</summary>
    public string HubHost { get; init; } = "hubstand.azure-devices.net";

    /// <summary>Host name of the edge device: in connection strings, in IOTEDGE_GATEWAYHOSTNAME and in the server certificate.</summary>
    public string GatewayHost { get; init; } = "localhost";

    /// <summary>The edge device's id.</summary>
    public string Device { get; init; } = "edge-1";

    /// <summary>Modules that are registered at the start, beside those of the manifest.</summary>
    public IReadOnlyList<string> Modules { get; init; } = ["edgeGateway"];

    /// <summary>Port of MQTT over TLS; 0: a free one.</summary>
    public int MqttPort { get; init; }

    /// <summary>Port of MQTT over WebSocket over TLS; 0: a free one.</summary>
    public int WebSocketPort { get; init; }

    /// <summary>Port of the service API over HTTP; 0: a free one.</summary>
    public int RestPort { get; init; }

    /// <summary>Folder for identities, twins, the CA and the workload sockets; null: a temporary one that goes with the stand-in.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Text of a deployment manifest or template; null: no edgeHub in between, every message goes upstream.</summary>
    public string? Manifest { get; init; }

    /// <summary>What error messages call the manifest.</summary>
    public string ManifestName { get; init; } = "The manifest";

    /// <summary>How often tokens of open connections are looked at; edgeHub: 5 minutes.</summary>
    public TimeSpan TokenCheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long tokens are still good after their end.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a module may take to acknowledge an input before it comes again.</summary>
    public TimeSpan InputTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of tokens, twins, methods, inputs and switches.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Clock of the keep-alive: apart, because a jump of <see cref="Clock"/> would end every connection.</summary>
    public TimeProvider KeepAliveClock { get; init; } = TimeProvider.System;

    /// <summary>Takes a line for each event, such as a connection or a refusal.</summary>
    public Action<string> Log { get; init; } = _ => { };
}
