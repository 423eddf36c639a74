using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>What a client may publish to, told apart by topic.</summary>
internal abstract record HubTopic
{
    /// <summary>Telemetry of a device or module; the bag is what stands in the last segment.</summary>
    internal sealed record Telemetry(IdentityName Sender, string Bag) : HubTopic;

    /// <summary><c>$iothub/twin/GET/?$rid=</c>.</summary>
    internal sealed record TwinGet(string RequestId) : HubTopic;

    /// <summary><c>$iothub/twin/PATCH/properties/reported/?$rid=</c>.</summary>
    internal sealed record Reported(string RequestId) : HubTopic;

    /// <summary><c>$iothub/methods/res/{status}/?$rid=</c>.</summary>
    internal sealed record MethodResponse(int Status, string RequestId) : HubTopic;

    /// <summary>A request without its id: the connection is closed.</summary>
    internal sealed record WithoutRequestId : HubTopic;

    /// <summary>No template of edgeHub's matches: acknowledged and lost.</summary>
    internal sealed record Unknown : HubTopic;

    private const string MethodAnswer = "$iothub/methods/res/";
    private const string Get = "$iothub/twin/GET/";
    private const string Patch = "$iothub/twin/PATCH/properties/reported/";

    /// <summary>Which of them a topic is.</summary>
    public static HubTopic Of(string topic) => topic switch
    {
        _ when topic.StartsWith(Get, StringComparison.Ordinal) => WithId(topic[Get.Length..], id => new TwinGet(id)),
        _ when topic.StartsWith(Patch, StringComparison.Ordinal) => WithId(topic[Patch.Length..], id => new Reported(id)),
        _ when topic.StartsWith(MethodAnswer, StringComparison.Ordinal) => AnswerOf(topic[MethodAnswer.Length..]),
        _ => TelemetryOf(topic),
    };

    /// <summary>The value of <c>$rid</c> as it came, undecoded.</summary>
    private static HubTopic WithId(string query, Func<string, HubTopic> make) =>
        query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).FirstOrDefault(p => p[0] == "$rid") is [_, { Length: > 0 } id] ? make(id) : new WithoutRequestId();

    private static HubTopic AnswerOf(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && int.TryParse(rest[..slash], System.Globalization.CultureInfo.InvariantCulture, out var status)
            ? WithId(rest[(slash + 1)..], id => new MethodResponse(status, id))
            : new Unknown();
    }

    private static HubTopic TelemetryOf(string topic)
    {
        var segments = (topic.EndsWith('/') ? topic[..^1] : topic).Split('/');
        return segments switch
        {
            ["devices", var device, "messages", "events"] => new Telemetry(new(device, null), ""),
            ["devices", var device, "messages", "events", var bag] => new Telemetry(new(device, null), bag),
            ["devices", var device, "modules", var module, "messages", "events"] => new Telemetry(new(device, module), ""),
            ["devices", var device, "modules", var module, "messages", "events", var bag] => new Telemetry(new(device, module), bag),
            _ => new Unknown(),
        };
    }
}
