using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGateway.Twin;

/// <summary>JSON as twins use it: objects that are merged, where null deletes and names that begin with $ are the hub's own.</summary>
internal static class TwinJson
{
    /// <summary>The hub allows 10.</summary>
    private const int Deepest = 32;

    /// <summary>Reads an object; null when the bytes are anything else, or cannot be read whole.</summary>
    public static JsonObject? Parse(ReadOnlyMemory<byte> json, int deepest = Deepest)
    {
        try
        {
            var read = JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = deepest, AllowDuplicateProperties = false }) as JsonObject;

            // half a surrogate pair is found only when the text is looked at
            read?.ToJsonString();
            return read;
        }
        catch (Exception foreign) when (foreign is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The <c>$version</c> of an object; null when it has none.</summary>
    public static long? VersionOf(JsonObject properties) => properties["$version"] is JsonValue value && value.TryGetValue(out long version) ? version : null;

    /// <summary>A copy without the hub's own names at the top.</summary>
    public static JsonObject Own(JsonObject properties)
    {
        var own = new JsonObject();
        foreach (var (name, value) in properties)
        {
            if (!name.StartsWith('$'))
            {
                own[name] = value?.DeepClone();
            }
        }

        return own;
    }

    /// <summary>Merges a patch into an object (RFC 7396): objects by name, null removes, all else replaces.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject existing)
                {
                    target[name] = existing = [];
                }

                Merge(existing, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>The patch that <see cref="Merge"/> makes <paramref name="wanted"/> out of <paramref name="known"/> with; empty when they are equal.</summary>
    public static JsonObject Difference(JsonObject known, JsonObject wanted)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in known)
        {
            if (!wanted.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, value) in wanted)
        {
            if (value is JsonObject inner && known[name] is JsonObject before)
            {
                if (Difference(before, inner) is { Count: > 0 } deeper)
                {
                    patch[name] = deeper;
                }
            }
            else if (!JsonNode.DeepEquals(value, known[name]))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch;
    }
}
