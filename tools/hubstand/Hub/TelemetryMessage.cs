using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>A message that reached the hub or is on its way to an input.</summary>
/// <param name="Number">Counts from 1 in the order of arrival.</param>
/// <param name="Sender">Who sent it, as edgeHub understood it.</param>
/// <param name="Output">Output name; null when it had none.</param>
/// <param name="Properties">Application properties; null is a bare name.</param>
/// <param name="SystemProperties">System properties by wire name, such as <c>$.mid</c>.</param>
/// <param name="Body">As it was sent.</param>
/// <param name="ReceivedAt">UTC, of the hub's clock.</param>
public sealed record TelemetryMessage(
    long Number,
    IdentityName Sender,
    string? Output,
    IReadOnlyDictionary<string, string?> Properties,
    IReadOnlyDictionary<string, string?> SystemProperties,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset ReceivedAt)
{
    /// <summary>Message id; the same on every attempt.</summary>
    public string? Id => SystemProperties.GetValueOrDefault("$.mid");
}
