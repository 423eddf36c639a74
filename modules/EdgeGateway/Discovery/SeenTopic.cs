using System.Globalization;
using System.Text.Json;
using EdgeGateway.Ingest;

namespace EdgeGateway.Discovery;

/// <summary>What the messages of one topic look like: which numbers and times stand where, and how often they come.</summary>
internal sealed class SeenTopic(string topic)
{
    private const int Deepest = 4;
    private const int MostPlaces = 64;
    private const int LongestPointer = 256;
    private static readonly TimeSpan Believable = TimeSpan.FromDays(1);
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);
    private DateTimeOffset? first;
    private DateTimeOffset last;

    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>Messages that can be used.</summary>
    public int Messages { get; private set; }

    /// <summary>Messages that cannot: no JSON, and no number.</summary>
    public int Unusable { get; private set; }

    /// <summary>Whether each message is one number.</summary>
    public bool IsBareNumber { get; private set; }

    /// <summary>Whether the messages are those of OPC UA PubSub.</summary>
    public bool IsOpcUa { get; private set; }

    /// <summary>Mean time between two messages, as they came; null for fewer than two.</summary>
    public TimeSpan? Step => Messages > 1 ? (last - first) / (Messages - 1) : null;

    /// <summary>JSON pointer of the event time; null when none was in every message.</summary>
    public string? Time => places.Where(p => p.Value.Times == Messages).OrderBy(p => Rank(p.Key)).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key).FirstOrDefault();

    /// <summary>JSON pointers of the numbers, in order.</summary>
    public IEnumerable<string> Values => places.Where(p => p.Value.Numbers > 0 && p.Key != Time && p.Value.Times < p.Value.Numbers).Select(p => p.Key).Order(StringComparer.Ordinal);

    /// <summary>Takes a message.</summary>
    public void Add(ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 32 });
            Add(document.RootElement, receivedAt);
            (first, last) = (first ?? receivedAt, receivedAt);
            Messages++;
        }
        catch (Exception foreign) when (foreign is JsonException or FormatException or InvalidOperationException)
        {
            Unusable++;
        }
    }

    private void Add(JsonElement root, DateTimeOffset receivedAt)
    {
        IsBareNumber = root.ValueKind == JsonValueKind.Number;
        IsOpcUa = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("MessageType", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("ua-data");
        if (root.ValueKind == JsonValueKind.Object)
        {
            Walk(root, "", 1, receivedAt);
        }
        else if (!IsBareNumber)
        {
            throw new FormatException();
        }
    }

    private void Walk(JsonElement at, string pointer, int depth, DateTimeOffset receivedAt)
    {
        foreach (var member in at.EnumerateObject())
        {
            var here = $"{pointer}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (here.Length > LongestPointer || here.Any(char.IsControl))
            {
                continue;
            }

            if (member.Value.ValueKind == JsonValueKind.Object && depth < Deepest)
            {
                Walk(member.Value, here, depth + 1, receivedAt);
            }
            else if (member.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String && (places.ContainsKey(here) || places.Count < MostPlaces))
            {
                var place = places.GetValueOrDefault(here);
                places[here] = new Place(place.Numbers + (member.Value.ValueKind == JsonValueKind.Number ? 1 : 0), place.Times + (IsTime(member.Value, receivedAt) ? 1 : 0));
            }
        }
    }

    /// <summary>A number is taken for a time only where it is one of about now: counters and rates are numbers of any size.</summary>
    private static bool IsTime(JsonElement value, DateTimeOffset receivedAt) => value.ValueKind == JsonValueKind.String
        ? EventTime.FromText(System.Text.Encoding.UTF8.GetBytes(value.GetString()!), TimeZoneInfo.Utc).Value is not null
        : value.TryGetDouble(out var number) && number > 1e9 && EventTime.FromUnix(number) is { } time && (time - receivedAt).Duration() < Believable;

    private static int Rank(string pointer) => Array.FindIndex(["timestamp", "time", "ts", "t"], name => pointer.EndsWith("/" + name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var rank ? rank : int.MaxValue;

    /// <summary>How often a number, and how often a time, stood at a place.</summary>
    private readonly record struct Place(int Numbers, int Times);

    /// <summary>The form that topics of one source have in common.</summary>
    public string Form => IsOpcUa ? "opcUa" : IsBareNumber ? "number" : string.Create(CultureInfo.InvariantCulture, $"{Time}|{string.Join('|', Values)}");
}
