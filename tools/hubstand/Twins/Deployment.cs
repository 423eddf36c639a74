using System.Text.Json.Nodes;

namespace Hubstand.Twins;

/// <summary>What a deployment brings of desired properties: <c>properties.desired</c> replaces them all, <c>properties.desired.PATH</c> only what lies there.</summary>
internal static class Deployment
{
    /// <summary>The key of all desired properties of a module in a manifest.</summary>
    public const string Whole = "properties.desired";

    /// <summary>The members of a module's content that are about desired properties.</summary>
    public static JsonObject Of(JsonObject content) =>
        new(content.Where(p => p.Key == Whole || p.Key.StartsWith(Whole + ".", StringComparison.Ordinal)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

    /// <summary>The desired properties after a deployment; what it does not name stays.</summary>
    /// <param name="deployed">As <see cref="Of"/> gives it.</param>
    public static JsonObject Over(JsonObject before, JsonObject deployed)
    {
        var desired = (JsonObject)((deployed[Whole] as JsonObject) ?? before).DeepClone();
        foreach (var (name, value) in deployed.Where(p => p.Key != Whole))
        {
            var path = name[(Whole.Length + 1)..].Split('.');
            var parent = path[..^1].Aggregate(desired, (o, key) => (JsonObject)(o[key] ??= new JsonObject())!);
            if (value is null)
            {
                parent.Remove(path[^1]);
            }
            else
            {
                parent[path[^1]] = value.DeepClone();
            }
        }

        return desired;
    }
}
