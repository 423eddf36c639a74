using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Hubstand.Hub;
using Hubstand.Identities;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hubstand.Rest;

/// <summary>The service side over HTTP on loopback, in the manner of IoT Hub's service API; without authentication, as nobody else reaches it.</summary>
internal static class ServiceApi
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Maps every call; docs/development.md lists them.</summary>
    public static void Map(WebApplication app, HubStand stand)
    {
        app.Use(Guard);
        foreach (var of in new[] { "{device}", "{device}/modules/{module}" })
        {
            Map(app, "GET", $"/twins/{of}", c => Answer(c, stand.Twin(Name(c))));
            Map(app, "PATCH", $"/twins/{of}", async c => await ChangeAsync(c, stand.PatchDesired, stand));
            Map(app, "PUT", $"/twins/{of}", async c => await ChangeAsync(c, stand.ReplaceDesired, stand));
            Map(app, "POST", $"/twins/{of}/methods", c => InvokeAsync(c, stand));
            Map(app, "GET", $"/devices/{of}", c => Answer(c, Described(stand, Name(c))));
            Map(app, "POST", $"/devices/{of}", c => Answer(c, Described(stand, stand.Register(Name(c)).Name)));
            Map(app, "DELETE", $"/devices/{of}", c => Answer(c, new JsonObject { ["deleted"] = stand.Delete(Name(c)) }));
        }

        Map(app, "POST", "/devices/{device}/modules/{module}/inputs/{input}", async c =>
            stand.SendToInput(Name(c).Module!, Text(c, "input"), await BodyAsync(c), Query(c)));
        Map(app, "POST", "/devices/{device}/messages", async c => stand.SendToDevice(Name(c), await BodyAsync(c), Query(c)));
        Map(app, "GET", "/telemetry", c => TelemetryAsync(c, stand));
        Map(app, "GET", "/counters", c => Answer(c, stand.Counters.All));
        Map(app, "GET", "/connections", c => Answer(c, stand.Connected));
        Map(app, "GET", "/switches", c => Answer(c, stand.Switches));
        Map(app, "POST", "/switches", c => SetAsync(c, stand.Switches));
        Map(app, "GET", "/workload/{module}", c => Answer(c, stand.Workload(Text(c, "module")).Faults));
        Map(app, "POST", "/workload/{module}", c => SetAsync(c, stand.Workload(Text(c, "module")).Faults));
        Map(app, "POST", "/workload/{module}/{act}", c => ActAsync(stand.Workload(Text(c, "module")), Text(c, "act")));
        Map(app, "POST", "/disconnect", _ =>
        {
            stand.DisconnectAll();
            return Task.CompletedTask;
        });
    }

    private static void Map(WebApplication app, string method, string pattern, RequestDelegate call) => app.MapMethods(pattern, [method], call);

    /// <summary>Whatever cannot be used is answered with 400 and one sentence.</summary>
    private static async Task Guard(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await Answer(context, new JsonObject { ["message"] = e.Message });
        }
    }

    private static Task Answer<T>(HttpContext context, T body) => context.Response.WriteAsJsonAsync(body, Json, context.RequestAborted);

    private static IdentityName Name(HttpContext context) => new(Text(context, "device"), context.GetRouteValue("module") as string);

    private static string Text(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    private static long Number(HttpContext context, string name) => context.Request.Query.TryGetValue(name, out var value)
        ? long.Parse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    private static Dictionary<string, string?> Query(HttpContext context) => context.Request.Query.ToDictionary(p => p.Key, p => (string?)p.Value.ToString());

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static async Task<JsonObject> ObjectAsync(HttpContext context) =>
        JsonNode.Parse(await BodyAsync(context)) as JsonObject ?? throw new FormatException("The body must be a JSON object.");

    private static async Task ChangeAsync(HttpContext context, Func<IdentityName, JsonObject, long> change, HubStand stand)
    {
        var body = await ObjectAsync(context);
        var desired = body["properties"]?["desired"] as JsonObject ?? throw new FormatException("The body must be {\"properties\": {\"desired\": {...}}}.");
        change(Name(context), (JsonObject)desired.DeepClone());
        await Answer(context, stand.Twin(Name(context)));
    }

    private static async Task InvokeAsync(HttpContext context, HubStand stand)
    {
        var body = await ObjectAsync(context);
        var name = body["methodName"]?.GetValue<string>() ?? throw new FormatException("methodName is missing.");
        var timeout = TimeSpan.FromSeconds(body["responseTimeoutInSeconds"]?.GetValue<int>() ?? 30);
        if (timeout < DirectMethods.ShortestTimeout || timeout > DirectMethods.LongestTimeout)
        {
            throw new FormatException($"responseTimeoutInSeconds is {timeout.TotalSeconds}, it must be 5 to 300.");
        }

        var result = await stand.InvokeAsync(Name(context), name, body["payload"]?.ToJsonString() ?? "", timeout, context.RequestAborted);
        context.Response.StatusCode = result.Status is 404 or 504 && result.Payload.IsEmpty ? result.Status : StatusCodes.Status200OK;
        await Answer(context, new JsonObject { ["status"] = result.Status, ["payload"] = Parsed(result.Payload) });
    }

    private static Task TelemetryAsync(HttpContext context, HubStand stand)
    {
        var after = Number(context, "after");
        return Answer(context, stand.Telemetry.Where(m => m.Number > after).Select(Described).ToList());
    }

    private static async Task SetAsync<T>(HttpContext context, T target)
        where T : class
    {
        foreach (var (name, value) in await ObjectAsync(context))
        {
            var property = typeof(T).GetProperties().FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"There is no switch {name}; GET lists them.");
            property.SetValue(target, value.Deserialize(property.PropertyType, Json));
        }

        await Answer(context, target);
    }

    private static Task ActAsync(Workload.WorkloadServer server, string act)
    {
        Action done = act switch
        {
            "start" => server.Start,
            "stop" => server.Stop,
            "stale" => server.LeaveStale,
            "deny" => () => server.Deny(denied: true),
            "allow" => () => server.Deny(denied: false),
            _ => throw new FormatException($"{act} is none of start, stop, stale, deny, allow."),
        };
        done();
        return Task.CompletedTask;
    }

    private static JsonObject Described(HubStand stand, IdentityName name)
    {
        var identity = stand.Identities.FirstOrDefault(i => i.Name == name) ?? throw new FormatException($"{name} is not registered.");
        var described = new JsonObject { ["deviceId"] = name.Device, ["moduleId"] = name.Module, ["primaryKey"] = identity.PrimaryKey, ["secondaryKey"] = identity.SecondaryKey, ["connectionString"] = stand.ConnectionString(name) };
        if (name.Module is { } module && name.Device == stand.Options.Device)
        {
            described["environment"] = JsonSerializer.SerializeToNode(stand.ModuleEnvironment(module));
        }

        return described;
    }

    private static JsonObject Described(TelemetryMessage message) => new()
    {
        ["number"] = message.Number,
        ["id"] = message.Id,
        ["from"] = message.Sender.ToString(),
        ["output"] = message.Output,
        ["properties"] = JsonSerializer.SerializeToNode(message.Properties),
        ["systemProperties"] = JsonSerializer.SerializeToNode(message.SystemProperties),
        ["receivedAt"] = message.ReceivedAt.ToString("O"),
        ["body"] = Parsed(message.Body),
    };

    /// <summary>JSON as it is; anything else in base64.</summary>
    private static JsonNode? Parsed(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.IsEmpty ? null : JsonNode.Parse(body.Span);
        }
        catch (JsonException)
        {
            return Convert.ToBase64String(body.Span);
        }
    }
}
