namespace Hubstand.Identities;

/// <summary>Names a device, or a module of it, as the hub does; compared case-sensitively.</summary>
/// <param name="Device">Device id.</param>
/// <param name="Module">Module id; null for the device itself.</param>
public sealed record IdentityName(string Device, string? Module)
{
    /// <summary>The MQTT client id: <c>device</c> or <c>device/module</c>.</summary>
    public override string ToString() => Module is null ? Device : $"{Device}/{Module}";

    /// <summary>The resource of a token, unescaped and without the host: <c>devices/d[/modules/m]</c>.</summary>
    public string Resource => Module is null ? $"devices/{Device}" : $"devices/{Device}/modules/{Module}";
}
