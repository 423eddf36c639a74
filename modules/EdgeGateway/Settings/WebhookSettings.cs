namespace EdgeGateway.Settings;

/// <summary>Where alerts are posted to over HTTP.</summary>
/// <param name="Url">http or https, without user.</param>
/// <param name="TokenFile">File whose first line is sent as bearer token; read for every post.</param>
/// <param name="CaFile">PEM of the only certificates to trust, read at every connect; null for the system's trust.</param>
public sealed record WebhookSettings(Uri Url, string? TokenFile, string? CaFile);
