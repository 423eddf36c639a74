using System.Text.Json.Nodes;

namespace Hubstand.Twins;

/// <summary>How twins change: a patch lays its members over, and null removes one.</summary>
internal static class TwinMerge
{
    /// <summary>Lays a patch over an object.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject section)
            {
                if (target[name] is not JsonObject inner)
                {
                    target[name] = inner = [];
                }

                Apply(inner, section);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>The patch that makes the second object of the first.</summary>
    public static JsonObject Difference(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var name in from.Select(p => p.Key).Where(name => !to.ContainsKey(name)))
        {
            patch[name] = null;
        }

        foreach (var (name, value) in to)
        {
            if (from[name] is JsonObject before && value is JsonObject after)
            {
                if (Difference(before, after) is { Count: > 0 } inner)
                {
                    patch[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(from[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch;
    }
}
