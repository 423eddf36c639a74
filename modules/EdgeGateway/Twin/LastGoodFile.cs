using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Storage;

namespace EdgeGateway.Twin;

/// <summary>What the gateway last ran on.</summary>
/// <param name="Identity">Whose twin it is; null without a hub.</param>
/// <param name="Version">Version of <paramref name="Desired"/>; null before anything was known.</param>
/// <param name="Desired">The desired properties as they were last known, good or not.</param>
/// <param name="Good">The sections of the twin that were in force.</param>
/// <param name="Site">The site files as they were, the lowest first.</param>
internal sealed record LastGood(
    HubIdentity? Identity, long? Version, JsonObject Desired, ImmutableSortedDictionary<string, GoodSection> Good, ImmutableArray<SettingsLayer> Site);

/// <summary>Keeps the last good settings in the data folder, for a start without hub, or with site files that somebody broke.</summary>
internal sealed class LastGoodFile(string dataFolder)
{
    private const int LargestBytes = 64 << 20;

    /// <summary>A twin as deep as is read, and what stands around it here.</summary>
    private const int Deepest = 64;
    private readonly string path = Path.Combine(dataFolder, "settings.last-good.json");
    private byte[] written = [];
    private string? damage;

    /// <summary>Reads it; null when there is none, or it cannot be used, which <paramref name="problem"/> says.</summary>
    public LastGood? Read(out string? problem)
    {
        problem = null;
        try
        {
            if (DurableFile.Read(path, LargestBytes) is not { } bytes)
            {
                return null;
            }

            written = bytes;
            return FromJson(TwinJson.Parse(bytes, Deepest) ?? throw new FormatException("it is no JSON object"));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or NullReferenceException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            damage = e is UnauthorizedAccessException or IOException and not StorageException { Fault: StorageFault.Damaged } ? null : e.Message;
            problem = $"{path} cannot be used and is left out: {e.Message}";
            return null;
        }
    }

    /// <summary>Keeps a file that <see cref="Read"/> found damaged for a person to look at, before another takes its place.</summary>
    /// <returns>What happened, for an alert; null when it was not damaged, or stays where it is.</returns>
    public string? PutAside()
    {
        if (damage is null)
        {
            return null;
        }

        try
        {
            File.Move(path, path + ".damaged", overwrite: true);
            return $"{path} could not be used ({damage}) and was begun anew; the damaged file is {path}.damaged.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it was said already that the file is left out
            return null;
        }
    }

    /// <summary>Writes it when it changed; says why it could not, which costs only the next offline start.</summary>
    public string? Write(LastGood good)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(ToJson(good));
        if (bytes.AsSpan().SequenceEqual(written))
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(dataFolder);
            DurableFile.Replace(path, bytes);
            written = bytes;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} could not be written, so that a start without the hub would find older settings: {e.Message}";
        }
    }

    private static JsonObject ToJson(LastGood good) => new()
    {
        ["hub"] = good.Identity?.Hub,
        ["device"] = good.Identity?.Device,
        ["module"] = good.Identity?.Module,
        ["version"] = good.Version,
        ["desired"] = good.Desired.DeepClone(),
        ["good"] = new JsonObject(good.Good.Select(g => KeyValuePair.Create<string, JsonNode?>(g.Key, new JsonObject { ["version"] = g.Value.Version, ["value"] = g.Value.Value.DeepClone() }))),
        ["site"] = new JsonArray([.. good.Site.Select(layer => new JsonObject { ["origin"] = layer.Origin, ["json"] = Encoding.UTF8.GetString(layer.Json.Span) })]),
    };

    private static LastGood FromJson(JsonObject json) => new(
        (string?)json["hub"] is { } hub ? new HubIdentity(hub, (string)json["device"]!, (string?)json["module"]) : null,
        (long?)json["version"],
        json["desired"]!.AsObject(),
        json["good"]!.AsObject().ToImmutableSortedDictionary(g => g.Key, g => new GoodSection((long)g.Value!["version"]!, g.Value["value"] ?? throw new FormatException($"its section {g.Key} has no value")), StringComparer.Ordinal),
        [.. json["site"]!.AsArray().Select(layer => new SettingsLayer(Encoding.UTF8.GetBytes((string)layer!["json"]!), (string)layer["origin"]!))]);
}
