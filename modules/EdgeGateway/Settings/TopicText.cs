using System.Buffers;
using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>What may stand in a topic pattern and in an asset template; each answer is null or the end of a sentence for the operator.</summary>
internal static class TopicText
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static string? CheckWhole(string text)
    {
        if (text.Length == 0)
        {
            return "is empty; write a topic such as plant/{line}/pump/{pump}";
        }

        if (text.StartsWith("$share/", StringComparison.Ordinal))
        {
            return "is a shared subscription, which breaks the order of readings; leave $share and the group out";
        }

        return CheckCharacters(text);
    }

    /// <summary>Checks one level and adds its name, when it has one, to <paramref name="names"/>.</summary>
    public static string? CheckLevel(string level, List<string> names)
    {
        if (level.Contains('+', StringComparison.Ordinal))
        {
            return level == "+"
                ? "has a bare +; write {name} instead, so that the asset can be named by it"
                : $"has a + inside the level \"{level}\"; write {{name}} in place of the whole level";
        }

        if (level.Contains('#', StringComparison.Ordinal))
        {
            return "has a # that is not the whole last level; it may stand only there";
        }

        if (level.AsSpan().IndexOfAny('{', '}') < 0)
        {
            return null;
        }

        return CheckName(level, names);
    }

    public static string? CheckTemplate(string template, ImmutableArray<string> names)
    {
        if (template.Length == 0)
        {
            return "is empty; leave the key out to name the asset by its topic";
        }

        foreach (var (literal, name) in SplitTemplate(template))
        {
            if (literal.AsSpan().IndexOfAny('{', '}') >= 0)
            {
                return "has a brace without its counterpart; write {name}";
            }

            if (name is not null && !names.Contains(name))
            {
                return $"names {{{name}}}, which the topic does not have; {Known(names)}";
            }
        }

        return CheckCharacters(template);
    }

    /// <summary>Cuts "a{b}c" into (a, b) and (c, null). A brace without its counterpart stays in the literal.</summary>
    public static IEnumerable<(string Literal, string? Name)> SplitTemplate(string template)
    {
        var start = 0;
        while (template.IndexOf('{', start) is var open and >= 0 && template.IndexOf('}', open) is var close and >= 0)
        {
            yield return (template[start..open], template[(open + 1)..close]);
            start = close + 1;
        }

        yield return (template[start..], null);
    }

    public static string? CheckCharacters(string text)
    {
        if (text.Length > TopicPattern.MaxLength)
        {
            return $"has {text.Length} characters; at most {TopicPattern.MaxLength} are possible";
        }

        return text.Any(char.IsControl) ? "has a control character; remove it" : null;
    }

    private static string? CheckName(string level, List<string> names)
    {
        var inner = level is ['{', .., '}'] ? level[1..^1] : "";
        if (inner.Length == 0 || inner.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return $"has the level \"{level}\"; a name is a whole level of the form {{name}}, of letters, digits and _";
        }

        if (names.Contains(inner))
        {
            return $"has the name {{{inner}}} twice; give each level its own name";
        }

        names.Add(inner);
        return null;
    }

    private static string Known(ImmutableArray<string> names) => names.IsEmpty
        ? "it has no named levels at all"
        : $"it has {string.Join(", ", names.Select(name => $"{{{name}}}"))}";
}
