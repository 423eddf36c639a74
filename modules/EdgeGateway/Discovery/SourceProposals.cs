using System.Buffers;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;

namespace EdgeGateway.Discovery;

/// <summary>A source as it could stand in the settings, and the topics that it was made of.</summary>
internal sealed record SourceProposal(string Name, JsonObject Source, IReadOnlyList<SeenTopic> Topics);

/// <summary>
/// Listens to topics and proposes sources: topics of one form, with as many levels and the same first one, become one source, whose differing levels are named. What would overlap with another source
/// stays topic by topic.
/// </summary>
internal sealed class SourceProposals
{
    /// <summary>Topics that are looked at; a gateway follows about as many sensors.</summary>
    public const int MostTopics = 10_000;

    private const int MostValues = 16;
    private const int MostUnwritable = 20;
    private readonly HashSet<string> unwritable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeenTopic> topics = new(StringComparer.Ordinal);

    /// <summary>Topics so far.</summary>
    public int Topics => topics.Count;

    /// <summary>Messages of topics beyond those that are looked at.</summary>
    public int Beyond { get; private set; }

    /// <summary>Topics whose messages cannot be used, or that no pattern of the settings can name.</summary>
    public IEnumerable<string> Unusable => topics.Values.Where(t => t.Messages == 0).Select(t => t.Topic).Concat(unwritable);

    /// <summary>Takes a message; those of gateways are left out.</summary>
    public void Add(string topic, ReadOnlySequence<byte> payload, DateTimeOffset receivedAt)
    {
        if (topic.StartsWith("edgegateway/", StringComparison.Ordinal) || topic.Contains('\0', StringComparison.Ordinal))
        {
            return;
        }

        if (!topics.TryGetValue(topic, out var seen))
        {
            if (!CanBeWritten(topic))
            {
                _ = unwritable.Count < MostUnwritable && unwritable.Add(topic);
                return;
            }

            if (topics.Count == MostTopics)
            {
                Beyond++;
                return;
            }

            seen = topics[topic] = new SeenTopic(topic);
        }

        seen.Add(payload.ToArray(), receivedAt);
    }

    /// <summary>The sources, in the order of their topics.</summary>
    public IReadOnlyList<SourceProposal> Propose()
    {
        var groups = topics.Values.Where(t => t.Messages > 0 && (t.IsOpcUa || t.IsBareNumber || t.Values.Any()))
            .GroupBy(t => (t.Form, Levels: t.Topic.Count(c => c == '/'), First: t.Topic.Split('/')[0])).Select(g => g.OrderBy(t => t.Topic, StringComparer.Ordinal).ToList()).ToList();
        var patterns = groups.Select(PatternOf).ToList();
        var apart = groups.SelectMany((group, i) => patterns.Where((other, j) => i != j && Overlap(patterns[i], other)).Any() ? group.Select(t => new List<SeenTopic> { t }) : [group]);
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. apart.OrderBy(g => g[0].Topic, StringComparer.Ordinal).Select(g => new SourceProposal(NameOf(PatternOf(g), names), SourceOf(g), g))];
    }

    private static bool Overlap(string a, string b) => !TopicPattern.TryParse(a, out var left, out _) || !TopicPattern.TryParse(b, out var right, out _) || TopicPattern.Overlap(left, right);

    private static bool CanBeWritten(string topic) => TopicPattern.TryParse(topic, out var pattern, out _) && pattern is { Names.IsEmpty: true, OpenEnd: false };

    /// <summary>Levels that differ get the name of the level before them, where that is a word, else that of their place.</summary>
    private static string PatternOf(List<SeenTopic> group)
    {
        var levels = group.Select(t => t.Topic.Split('/')).ToList();
        var (pattern, used) = (levels[0].ToArray(), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < pattern.Length; i++)
        {
            if (levels.Exists(topic => topic[i] != pattern[i]))
            {
                var word = i > 0 ? new string([.. pattern[i - 1].Where(char.IsAsciiLetterOrDigit)]) : "";
                var name = word.Length > 0 && char.IsAsciiLetter(word[0]) && !pattern[i - 1].StartsWith('{') ? word : $"level{i + 1}";
                pattern[i] = $"{{{(used.Add(name) ? name : $"level{i + 1}")}}}";
            }
        }

        return string.Join('/', pattern);
    }

    private static JsonObject SourceOf(List<SeenTopic> group)
    {
        var (source, form) = (new JsonObject { ["topic"] = PatternOf(group) }, group[0]);
        if (form.IsOpcUa)
        {
            source["payload"] = "opcUa";
            return source;
        }

        if (!form.IsBareNumber)
        {
            source["values"] = ValuesOf([.. form.Values]);
        }

        if (form.Time is { } time)
        {
            source["time"] = time;
        }

        return source;
    }

    private static JsonNode ValuesOf(string[] pointers)
    {
        if (pointers.Length > MostValues && Array.TrueForAll(pointers, p => p.LastIndexOf('/') == 0))
        {
            return "*";
        }

        var byName = pointers.GroupBy(p => p.EndsWith('/') ? "value" : p[(p.LastIndexOf('/') + 1)..], StringComparer.Ordinal).ToList();
        return new JsonObject(byName.SelectMany(name => name.Select((p, i) => KeyValuePair.Create<string, JsonNode?>(name.Count() == 1 ? name.Key : $"{p[1..].Replace('/', '-')}-{i + 1}", p))));
    }

    /// <summary>The words of the pattern that are no names of levels.</summary>
    private static string NameOf(string pattern, HashSet<string> used)
    {
        var words = string.Join('-', pattern.Split('/').Where(level => !level.StartsWith('{')).Select(level => new string([.. level.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')])).Where(word => word.Length > 0));
        var name = words.Length == 0 ? "source" : words[..Math.Min(words.Length, 60)];
        for (var number = 2; !used.Add(name); number++)
        {
            name = $"{words}-{number}";
        }

        return name;
    }
}
