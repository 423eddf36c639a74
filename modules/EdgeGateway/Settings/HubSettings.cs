namespace EdgeGateway.Settings;

/// <summary>What MQTT to the hub goes over; both are encrypted.</summary>
public enum HubTransport { Tcp, WebSocket }

/// <summary>How IoT Hub or edgeHub is reached; who we are there comes from the environment. Files are read again at every connect.</summary>
/// <param name="Port">Default 8883, or 443 for WebSocket.</param>
/// <param name="CaFile">PEM of the only certificates to trust; null for the runtime's trust bundle, or the system's trust.</param>
/// <param name="CertFile">PEM client certificate, for a connection string with x509=true; needs <paramref name="KeyFile"/>.</param>
public sealed record HubSettings(HubTransport Transport, int Port, string? CaFile, string? CertFile, string? KeyFile);
