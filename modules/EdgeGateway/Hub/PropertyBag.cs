using System.Globalization;

namespace EdgeGateway.Hub;

/// <summary>
/// The properties of a message as the last segment of its MQTT topic: <c>name=value</c> pairs joined by <c>&amp;</c>, both sides percent-encoded. edgeHub acknowledges and then
/// loses a message with a raw <c>=</c> or <c>/</c> in a value, a name that comes twice, a trailing <c>&amp;</c> or a leading <c>?</c>: what is written here has none of them.
/// </summary>
internal static class PropertyBag
{
    private const int LongestId = 128;

    /// <summary>Writes the properties of a message of ours.</summary>
    /// <param name="hasOutput">Whether the sender is a module: devices have no outputs.</param>
    /// <exception cref="HubException">Refused: a name that edgeHub would take for its own, or an id that is too long.</exception>
    public static string Write(HubMessage message, bool hasOutput, DateTimeOffset created)
    {
        if (message.Id.Length is 0 or > LongestId)
        {
            throw new HubException(HubFault.Refused, $"a message id has 1 to {LongestId} characters, this one {message.Id.Length}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in message.Properties)
        {
            if (!names.Add(name))
            {
                throw new HubException(HubFault.Refused, $"the property \"{name}\" is there twice");
            }

            if (IsReserved(name))
            {
                throw new HubException(HubFault.Refused, $"a property cannot be called \"{name}\": the hub reads that name as its own");
            }
        }

        IEnumerable<KeyValuePair<string, string>> own =
        [
            new("$.mid", message.Id),
            .. hasOutput ? [new("$.on", message.Output)] : Array.Empty<KeyValuePair<string, string>>(),
            new("$.ct", "application/json"),
            new("$.ce", "utf-8"),
            new("$.ctime", created.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
        ];
        return string.Join('&', own.Concat(message.Properties).Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
    }

    /// <summary>Reads the properties of a message that came, by wire name. Never throws; of a name that comes twice the last counts.</summary>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlySpan<char> bag)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        bag = bag.TrimStart('?').TrimEnd('/');
        foreach (var range in bag.Split('&'))
        {
            var pair = bag[range];
            var equals = pair.IndexOf('=');
            var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            if (name.Length > 0)
            {
                properties[name] = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            }
        }

        return properties;
    }

    /// <summary>edgeHub overwrites the sender with deviceId and moduleId; names with a dollar and some without are those of the system.</summary>
    private static bool IsReserved(string name) =>
        name.Length == 0 || name[0] == '$' || name.StartsWith("iothub-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("deviceId", StringComparison.OrdinalIgnoreCase) || name.Equals("moduleId", StringComparison.OrdinalIgnoreCase) || name.Equals("ack", StringComparison.OrdinalIgnoreCase);
}
