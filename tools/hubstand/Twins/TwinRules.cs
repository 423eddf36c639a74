using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hubstand.Twins;

/// <summary>The limits of twins: what a hub refuses with 400.</summary>
internal static class TwinRules
{
    /// <summary>Bytes of names and values of desired or reported properties.</summary>
    public const int LargestSection = 32 * 1024;

    /// <summary>Levels of objects and arrays below the root.</summary>
    private const int DeepestLevel = 10;
    private const int LongestName = 1024;
    private const int LongestText = 4096;
    private const long LargestInteger = (1L << 52) - 1;
    private const long SmallestInteger = -(1L << 52);

    /// <summary>Reads a patch of reported properties and judges it; edgeHub measures its JSON text.</summary>
    /// <param name="problem">What is wrong with it, one sentence.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out JsonObject? patch, [NotNullWhen(false)] out string? problem)
    {
        patch = null;
        if (json.Length > LargestSection)
        {
            problem = $"The patch has {json.Length} bytes of JSON, at most {LargestSection} are taken.";
            return false;
        }

        try
        {
            patch = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException e)
        {
            problem = $"The patch is no JSON: {e.Message}";
            return false;
        }

        problem = patch is null ? "The patch is no JSON object." : Check(patch);
        return problem is null;
    }

    /// <summary>The first thing that is wrong with properties, or null.</summary>
    public static string? Check(JsonObject properties) =>
        OfObject(properties, 0, "") ?? (SizeOf(properties) is var size and > LargestSection ? $"The properties have {size} bytes, at most {LargestSection} are taken." : null);

    /// <summary>Size as the hub counts it: names and texts in bytes, numbers 8, booleans 4.</summary>
    public static int SizeOf(JsonNode? node) => node switch
    {
        null => 0,
        JsonObject o => o.Sum(p => Encoding.UTF8.GetByteCount(p.Key) + SizeOf(p.Value)),
        JsonArray a => a.Sum(SizeOf),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => Encoding.UTF8.GetByteCount(node.GetValue<string>()),
            JsonValueKind.Number => 8,
            _ => 4,
        },
    };

    private static string? OfObject(JsonObject properties, int level, string path)
    {
        if (level > DeepestLevel)
        {
            return $"{path} lies deeper than {DeepestLevel} levels.";
        }

        return properties.Select(p => OfName(p.Key, path) ?? OfValue(p.Value, level, $"{path}/{p.Key}")).FirstOrDefault(problem => problem is not null);
    }

    private static string? OfName(string name, string path)
    {
        if (Encoding.UTF8.GetByteCount(name) > LongestName)
        {
            return $"A name in {path}/ has {Encoding.UTF8.GetByteCount(name)} bytes, at most {LongestName} are taken.";
        }

        return name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '.' or '$' or '#') ? $"The name {name} in {path}/ holds a control character, white space, or one of . $ #." : null;
    }

    private static string? OfValue(JsonNode? value, int level, string path) => value switch
    {
        null => null,
        JsonObject o => OfObject(o, level + 1, path),
        JsonArray a => OfArray(a, level + 1, path),
        _ => OfScalar(value, path),
    };

    private static string? OfArray(JsonArray values, int level, string path)
    {
        if (level > DeepestLevel)
        {
            return $"{path} lies deeper than {DeepestLevel} levels.";
        }

        return values.Select(v => HoldsNull(v) ? $"The array {path} holds null." : OfValue(v, level, path)).FirstOrDefault(problem => problem is not null);
    }

    private static bool HoldsNull(JsonNode? value) => value is null || (value is JsonObject o && o.Any(p => p.Value is null || HoldsNull(p.Value)));

    private static string? OfScalar(JsonNode value, string path) => value.GetValueKind() switch
    {
        JsonValueKind.String when Encoding.UTF8.GetByteCount(value.GetValue<string>()) > LongestText => $"The text {path} is longer than {LongestText} bytes.",
        JsonValueKind.Number when value.ToJsonString() is var text && !text.AsSpan().ContainsAny("eE.")
            && (!long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) || number is < SmallestInteger or > LargestInteger) =>
            $"The integer {path} lies outside -2^52 to 2^52-1.",
        _ => null,
    };
}
