namespace Hubstand.Commands;

/// <summary>What a user needs to reach the stand-in.</summary>
internal static class StandText
{
    /// <summary>Ports and CA.</summary>
    public static IEnumerable<string> Ports(HubStand stand)
    {
        yield return $"MQTT over TLS       {stand.Options.GatewayHost}:{stand.MqttPort}";
        yield return $"MQTT over WebSocket {stand.Options.GatewayHost}:{stand.WebSocketPort}/$iothub/websocket";
        yield return $"service API         http://127.0.0.1:{stand.RestPort}";
        yield return $"CA certificate      {stand.CaFile}";
    }

    /// <summary>A module's two ways in, for a shell; those of other modules come from the service API.</summary>
    public static IEnumerable<string> Environments(HubStand stand)
    {
        foreach (var module in stand.Options.Modules)
        {
            yield return $"# environment of {module}";
            foreach (var (variable, value) in stand.ModuleEnvironment(module))
            {
                yield return $"export {variable}={value}";
            }

            yield return $"# or: export EdgeHubConnectionString='{stand.ConnectionString(stand.NameOf(module))}' EdgeModuleCACertificateFile='{stand.CaFile}'";
        }
    }
}
