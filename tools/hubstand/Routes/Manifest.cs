using System.Text.Json;
using System.Text.Json.Nodes;
using Hubstand.Twins;

namespace Hubstand.Routes;

/// <summary>What the stand-in takes from a deployment manifest or its template: routes, module names, and the modules' desired properties.</summary>
/// <param name="Modules">Names of the modules, without edgeAgent and edgeHub.</param>
/// <param name="Desired">What it brings of desired properties by module, as <see cref="Deployment"/> reads it.</param>
internal sealed record Manifest(IReadOnlyList<Route> Routes, IReadOnlyList<string> Modules, IReadOnlyDictionary<string, JsonObject> Desired)
{
    /// <summary>Reads <c>deployment.template.json</c> or a manifest made from it; comments are allowed.</summary>
    /// <param name="from">What errors call it.</param>
    /// <exception cref="InvalidDataException">It is no manifest, or has a route that cannot be evaluated here.</exception>
    public static Manifest Parse(string json, string from)
    {
        try
        {
            var root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject;
            var content = (root?["modulesContent"] ?? root?["content"]?["modulesContent"]) as JsonObject ?? throw new FormatException("It has no modulesContent.");
            var hub = DesiredOf(content, "$edgeHub") ?? throw new FormatException("modulesContent has no $edgeHub with properties.desired.");
            RequireVersion(hub, "$edgeHub", ["1.0", "1.1", "1.2", "1.3"]);
            var agent = DesiredOf(content, "$edgeAgent");
            if (agent is not null)
            {
                RequireVersion(agent, "$edgeAgent", ["1.0", "1.1"]);
            }

            var routes = (hub["routes"] as JsonObject ?? []).Select(r => Route.Parse(r.Key, TextOf(r.Key, r.Value))).ToList();
            var twins = content.Select(m => m.Key).Where(name => name[0] != '$').ToList();
            var modules = (agent?["modules"] as JsonObject ?? []).Select(m => m.Key).Union(twins).Order(StringComparer.Ordinal).ToList();
            return new Manifest(routes, modules, twins.ToDictionary(name => name, name => Deployment.Of(content[name] as JsonObject ?? [])));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{from} is no deployment manifest that can be used here: {e.Message}", e);
        }
    }

    private static JsonObject? DesiredOf(JsonObject content, string module) => content[module] is JsonObject twin ? Deployment.Over([], Deployment.Of(twin)) : null;

    private static void RequireVersion(JsonObject desired, string module, string[] known)
    {
        if (desired["schemaVersion"] is { } version && !known.Contains(version.ToString()))
        {
            throw new FormatException($"{module} has schemaVersion {version}, the runtime takes {string.Join(", ", known)}.");
        }
    }

    private static string TextOf(string name, JsonNode? route) => route switch
    {
        JsonValue text when text.TryGetValue<string>(out var s) => s,
        JsonObject o when o["route"] is JsonValue text && text.TryGetValue<string>(out var s) => InRange(name, o, s),
        _ => throw new FormatException($"Route {name} is neither a text nor an object with a route."),
    };

    private static string InRange(string name, JsonObject route, string text) =>
        route["priority"] is { } priority && (!int.TryParse(priority.ToString(), out var p) || p is < 0 or > 9)
            ? throw new FormatException($"Route {name} has priority {priority}, it must be 0 to 9.")
            : text;
}
