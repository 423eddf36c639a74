using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EdgeGateway.Settings;

/// <summary>A topic filter with named levels: plant/{line}/pump/{pump} is the MQTT filter plant/+/pump/+.</summary>
public sealed class TopicPattern
{
    /// <summary>Longest pattern, asset template and name, in characters.</summary>
    public const int MaxLength = 256;

    private readonly string text;

    // One entry a level, null where any level matches; a closing "#" is not among them.
    private readonly ImmutableArray<string?> levels;
    private readonly bool openEnd;

    private TopicPattern(string text, ImmutableArray<string?> levels, ImmutableArray<string> names, bool openEnd)
    {
        this.text = text;
        this.levels = levels;
        this.openEnd = openEnd;
        Names = names;
        var parts = levels.Select(level => level ?? "+");
        Filter = string.Join('/', openEnd ? parts.Append("#") : parts);
    }

    /// <summary>The filter to subscribe with.</summary>
    public string Filter { get; }

    /// <summary>Names of the named levels, from left to right.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Whether it ends in "#", so that topics of any depth match.</summary>
    public bool OpenEnd => openEnd;

    private bool StartsWild => levels.IsEmpty || levels[0] is null;

    private bool StartsWithDollar => !StartsWild && levels[0]!.StartsWith('$');

    /// <summary>Reads a pattern; <paramref name="error"/> says what is wrong and what to write.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TopicPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        error = TopicText.CheckWhole(text);
        if (error is not null)
        {
            return false;
        }

        var parts = text.Split('/');
        var openEnd = parts[^1] == "#";
        var names = new List<string>();
        var levels = new List<string?>();
        foreach (var part in openEnd ? parts[..^1] : parts)
        {
            error = TopicText.CheckLevel(part, names);
            if (error is not null)
            {
                return false;
            }

            levels.Add(part.StartsWith('{') ? null : part);
        }

        pattern = new TopicPattern(text, [.. levels], [.. names], openEnd);
        return true;
    }

    /// <summary>Whether a topic that is published could match both, by the rules of MQTT 5 section 4.7.</summary>
    public static bool Overlap(TopicPattern a, TopicPattern b)
    {
        if ((a.StartsWild && b.StartsWithDollar) || (b.StartsWild && a.StartsWithDollar))
        {
            return false;
        }

        var common = Math.Min(a.levels.Length, b.levels.Length);
        for (var i = 0; i < common; i++)
        {
            if (a.levels[i] is { } left && b.levels[i] is { } right && left != right)
            {
                return false;
            }
        }

        return (a.levels.Length == common || b.openEnd) && (b.levels.Length == common || a.openEnd);
    }

    /// <summary>Whether the topic matches, and then where each named level lies in it. Allocates nothing.</summary>
    /// <param name="captures">At least as long as <see cref="Names"/>; of no meaning when the topic does not match.</param>
    public bool TryMatch(ReadOnlySpan<char> topic, Span<Range> captures)
    {
        if (StartsWild && topic.StartsWith('$'))
        {
            return false;
        }

        var start = 0;
        var captured = 0;
        foreach (var level in levels)
        {
            if (start > topic.Length)
            {
                return false;
            }

            var slash = topic[start..].IndexOf('/');
            var end = slash < 0 ? topic.Length : start + slash;
            if (level is null)
            {
                captures[captured++] = start..end;
            }
            else if (!topic[start..end].SequenceEqual(level))
            {
                return false;
            }

            start = end + 1;
        }

        return start > topic.Length || openEnd;
    }

    /// <summary>Whether an asset template such as "{line}/{pump}" can be filled from this pattern's topics and from what messages say besides.</summary>
    /// <param name="others">Names that the messages fill.</param>
    public bool TryCheckTemplate(string template, [NotNullWhen(false)] out string? error, params ReadOnlySpan<string> others)
    {
        error = TopicText.CheckTemplate(template, Names.AddRange(others));
        return error is null;
    }

    /// <summary>Fills a template that <see cref="TryCheckTemplate"/> accepted from a topic that matches.</summary>
    /// <param name="other">What the messages say for a name that the topic does not have.</param>
    public string Expand(string template, string topic, Func<string, string>? other = null)
    {
        var captures = new Range[Names.Length];
        if (!TryMatch(topic, captures))
        {
            throw new ArgumentException($"The topic {topic} does not match {text}.", nameof(topic));
        }

        var expanded = new StringBuilder();
        foreach (var (literal, name) in TopicText.SplitTemplate(template))
        {
            expanded.Append(literal);
            if (name is not null)
            {
                expanded.Append(Names.IndexOf(name) is var level and >= 0 ? topic.AsSpan()[captures[level]] : other!(name));
            }
        }

        return expanded.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => text;
}
