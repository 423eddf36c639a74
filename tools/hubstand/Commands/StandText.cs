namespace Hubstand.Commands;

/// <summary>What a user needs to reach the stand-in.</summary>
internal static class StandText
{
    /// <summary>Ports, CA, and a module's two ways in.</summary>
    public static IEnumerable<string> Describe(HubStand stand)
    {
        yield return $"MQTT over TLS       {stand.Options.GatewayHost}:{stand.MqttPort}";
        yield return $"MQTT over WebSocket {stand.Options.GatewayHost}:{stand.WebSocketPort}/$iothub/websocket";
        yield return $"service API         http://127.0.0.1:{stand.RestPort}";
        yield return $"CA certificate      {stand.CaFile}";
        foreach (var name in stand.Identities.Select(i => i.Name).Where(n => n.Device == stand.Options.Device && n.Module is not null))
        {
            yield return "";
            yield return $"# environment of {name.Module}";
            foreach (var (variable, value) in stand.ModuleEnvironment(name.Module!))
            {
                yield return $"export {variable}={value}";
            }

            yield return $"# or: export EdgeHubConnectionString='{stand.ConnectionString(name)}' EdgeModuleCACertificateFile='{stand.CaFile}'";
        }
    }
}
