using System.Globalization;
using System.Text;

namespace EdgeGateway.Hub;

/// <summary>The MQTT topics of IoT Hub and edgeHub, as one identity writes and reads them. What is read never throws.</summary>
internal sealed class HubTopics(HubIdentity identity)
{
    /// <summary>Filter of the answers about the twin; exactly this one.</summary>
    public const string TwinAnswers = "$iothub/twin/res/#";

    /// <summary>Filter of changes of the desired properties.</summary>
    public const string Desired = DesiredPrefix + "#";

    /// <summary>Filter of direct methods.</summary>
    public const string Methods = MethodPrefix + "#";

    private const string ApiVersion = "2021-04-12";
    private const string AnswerPrefix = "$iothub/twin/res/";
    private const string DesiredPrefix = "$iothub/twin/PATCH/properties/desired/";
    private const string MethodPrefix = "$iothub/methods/POST/";
    private const string RequestId = "$rid=";
    private const int LongestRequestId = 128;
    private readonly string own = identity.Module is { } module ? $"devices/{identity.Device}/modules/{module}" : $"devices/{identity.Device}";

    /// <summary>What all requests to the twin are answered under.</summary>
    public static string TwinGet(string requestId) => $"$iothub/twin/GET/?{RequestId}{requestId}";

    /// <summary>Where a change of the reported properties goes.</summary>
    public static string ReportedPatch(string requestId) => $"$iothub/twin/PATCH/properties/reported/?{RequestId}{requestId}";

    /// <summary>Where the answer to a direct method goes.</summary>
    public static string MethodResponse(int status, string requestId) => string.Create(CultureInfo.InvariantCulture, $"$iothub/methods/res/{status}/?{RequestId}{requestId}");

    /// <summary>Client id.</summary>
    public string ClientId => identity.Module is { } module ? $"{identity.Device}/{module}" : identity.Device;

    /// <summary>User name: the hub's full name first, also through a gateway.</summary>
    /// <param name="agent">Name and version of the client.</param>
    public string UserName(string agent) => $"{identity.Hub}/{ClientId}/?api-version={ApiVersion}&DeviceClientType={Uri.EscapeDataString(agent)}";

    /// <summary>Filter of the messages that routes lead to our inputs; null for a device, which has none.</summary>
    public string? Inputs => identity.Module is null ? null : $"{own}/inputs/#";

    /// <summary>Where a message with these properties goes.</summary>
    public string Events(string bag) => $"{own}/messages/events/{bag}";

    /// <summary>Whether a topic brings a change of the desired properties.</summary>
    public static bool IsDesired(string topic) => topic.StartsWith(DesiredPrefix, StringComparison.Ordinal);

    /// <summary>Reads <c>$iothub/twin/res/{status}/?$rid={r}...</c>.</summary>
    public static bool TryReadAnswer(string topic, out int status, out string requestId)
    {
        (status, requestId) = (0, "");
        return TrySplit(topic, AnswerPrefix, out var code, out requestId) && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out status);
    }

    /// <summary>Reads <c>$iothub/methods/POST/{name}/?$rid={r}</c>.</summary>
    public static bool TryReadMethod(string topic, out string name, out string requestId)
    {
        var read = TrySplit(topic, MethodPrefix, out name, out requestId);
        name = Uri.UnescapeDataString(name);
        return read;
    }

    /// <summary>Reads <c>.../inputs/{input}/{bag}</c>; the properties may be missing.</summary>
    public bool TryReadInput(string topic, out string input, out IReadOnlyDictionary<string, string> properties)
    {
        (input, properties) = ("", new Dictionary<string, string>());
        if (identity.Module is null || !topic.StartsWith($"{own}/inputs/", StringComparison.Ordinal))
        {
            return false;
        }

        var rest = topic.AsSpan($"{own}/inputs/".Length);
        var end = rest.IndexOf('/');
        input = Uri.UnescapeDataString(end < 0 ? rest : rest[..end]);
        properties = PropertyBag.Read(end < 0 ? "" : rest[(end + 1)..]);
        return input.Length > 0;
    }

    /// <summary>Bytes of a topic on the wire.</summary>
    public static int BytesOf(string topic) => Encoding.UTF8.GetByteCount(topic);

    /// <summary>The segment after the prefix, and the request id as it came: edgeHub compares it undecoded. One that MQTT could not send back is none.</summary>
    private static bool TrySplit(string topic, string prefix, out string segment, out string requestId)
    {
        (segment, requestId) = ("", "");
        if (!topic.StartsWith(prefix, StringComparison.Ordinal) || topic[prefix.Length..].Split("/?") is not [{ Length: > 0 } first, var query] || first.Contains('/', StringComparison.Ordinal))
        {
            return false;
        }

        segment = first;
        requestId = query.Split('&').FirstOrDefault(p => p.StartsWith(RequestId, StringComparison.Ordinal))?[RequestId.Length..] ?? "";
        return requestId.Length is > 0 and <= LongestRequestId && !requestId.AsSpan().ContainsAny("+#/\0");
    }
}
