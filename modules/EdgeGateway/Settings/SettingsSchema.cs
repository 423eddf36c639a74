using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>The JSON schema of the document (docs/formats/settings.schema.json), which is also the one list of known keys.</summary>
public static class SettingsSchema
{
    private static readonly Lazy<byte[]> Bytes = new(Load);
    private static readonly Lazy<FrozenDictionary<string, FrozenSet<string>>> Keys = new(ReadKeys);

    /// <summary>What <c>config schema</c> prints.</summary>
    public static string Text => Encoding.UTF8.GetString(Bytes.Value);

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
