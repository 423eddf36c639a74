using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGateway.Settings;

/// <summary>The JSON schema of the document (docs/formats/settings.schema.json), which is also the one list of known keys.</summary>
public static class SettingsSchema
{
    private static readonly Lazy<byte[]> Bytes = new(Load);
    private static readonly Lazy<FrozenDictionary<string, FrozenSet<string>>> Keys = new(ReadKeys);

    /// <summary>Keys that belong to the site file alone: a twin must not say how the hub that it comes from is reached, nor from where it may have packages fetched, nor name files of models; which part of a site a process judges is its own.</summary>
    internal static readonly (string Level, string Key)[] SiteOnly = [("", "hub"), ("", "updates"), ("", "partition"), ("model", "path")];

    /// <summary>What <c>config schema</c> prints.</summary>
    public static string Text => Encoding.UTF8.GetString(Bytes.Value);

    /// <summary>What <c>config schema --twin</c> prints: the same document as the desired properties of a module twin, where nothing is required and the keys of the site file are missing.</summary>
    public static string TwinText()
    {
        var schema = JsonNode.Parse(Bytes.Value)!.AsObject();
        schema["title"] = "EdgeGateway desired properties, schema 1";
        schema["description"] = "Every section may stand alone. Generated from settings.schema.json by `EdgeGateway config schema --twin`.";
        schema.Remove("required");
        schema.Remove("anyOf");
        schema["properties"]!["sources"]!.AsObject().Remove("minProperties");
        foreach (var (level, key) in SiteOnly)
        {
            (level.Length == 0 ? schema : schema["definitions"]![level]!)["properties"]!.AsObject().Remove(key);
        }

        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>Known keys by level: "" is the document, the others are the definitions of the schema ("broker", "source" ...).</summary>
    internal static FrozenDictionary<string, FrozenSet<string>> KeysByLevel => Keys.Value;

    private static byte[] Load()
    {
        using var resource = typeof(SettingsSchema).Assembly.GetManifestResourceStream("settings.schema.json")
            ?? throw new InvalidOperationException("The settings schema is not in the assembly.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private static FrozenDictionary<string, FrozenSet<string>> ReadKeys()
    {
        var schema = JsonElement.Parse(Bytes.Value);
        var sections = schema.GetProperty("definitions").EnumerateObject().Where(definition => definition.Value.TryGetProperty("properties", out _));
        return sections.Select(definition => (definition.Name, definition.Value)).Append(("", schema))
            .ToFrozenDictionary(section => section.Item1, section => KeysOf(section.Item2));
    }

    private static FrozenSet<string> KeysOf(JsonElement section) =>
        section.GetProperty("properties").EnumerateObject().Select(property => property.Name).ToFrozenSet();
}
