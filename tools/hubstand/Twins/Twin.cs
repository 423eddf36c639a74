using System.Text.Json.Nodes;

namespace Hubstand.Twins;

/// <summary>The properties of a device or module with their versions.</summary>
/// <param name="Deployed">What the manifest brought last, as <see cref="Deployment"/> reads it.</param>
internal sealed record Twin(JsonObject Desired, long DesiredVersion, JsonObject Reported, long ReportedVersion, JsonObject? Deployed)
{
    /// <summary>The twin of a new identity.</summary>
    public static Twin New { get; } = new([], 1, [], 1, null);

    /// <summary>What a twin GET answers.</summary>
    public JsonObject ToJson() => new() { ["desired"] = With(Desired, DesiredVersion), ["reported"] = With(Reported, ReportedVersion) };

    /// <summary>A copy of properties that states their version.</summary>
    public static JsonObject With(JsonObject properties, long version)
    {
        var copy = (JsonObject)properties.DeepClone();
        copy["$version"] = version;
        return copy;
    }
}
