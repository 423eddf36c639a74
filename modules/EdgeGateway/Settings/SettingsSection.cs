using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>An object of the document, opened: duplicate, null and unknown keys are reported once, here.</summary>
internal sealed class SettingsSection
{
    private readonly Dictionary<string, SettingsField> fields = new(StringComparer.Ordinal);
    private readonly SettingsField whole;

    private SettingsSection(SettingsField whole) => this.whole = whole;

    public SettingsPlace Place => whole.Place;

    public SettingsReport Report => whole.Report;

    public SettingsField? this[string key] => fields.TryGetValue(key, out var field) ? field : null;

    /// <summary>Opens an object whose keys the schema lists under <paramref name="level"/>.</summary>
    public static SettingsSection? Open(SettingsField field, string level)
    {
        if (!field.Is(JsonValueKind.Object))
        {
            field.Error($"is {field.Kind}; write an object {{ ... }}");
            return null;
        }

        var section = new SettingsSection(field);
        foreach (var (key, value) in Entries(field))
        {
            if (SettingsKeys.IsKnown(level, key))
            {
                section.fields.Add(key, value);
            }
            else
            {
                SettingsKeys.Refuse(level, key, value);
            }
        }

        return section;
    }

    /// <summary>Opens an object whose keys are names that the operator chose.</summary>
    public static IEnumerable<(string Name, SettingsField Field)> OpenMap(SettingsField field)
    {
        if (!field.Is(JsonValueKind.Object))
        {
            field.Error($"is {field.Kind}; write an object {{ \"name\": ... }}");
            yield break;
        }

        foreach (var (name, value) in Entries(field))
        {
            if (name.Length == 0)
            {
                value.Error("is an empty name; give it one");
            }
            else if (TopicText.CheckCharacters(name) is { } problem)
            {
                value.Error($"is a name that {problem}");
            }
            else
            {
                yield return (name, value);
            }
        }
    }

    /// <summary>The elements of a list.</summary>
    public static IEnumerable<SettingsField> OpenList(SettingsField field)
    {
        if (!field.Is(JsonValueKind.Array))
        {
            field.Error($"is {field.Kind}; write a list [ ... ]");
            yield break;
        }

        var index = 0;
        foreach (var element in field.Value.EnumerateArray())
        {
            yield return new SettingsField(element, field.Place.Index(index++), field.Report);
        }
    }

    /// <summary>Whether the key is there in any form, also one that was refused.</summary>
    public bool Mentions(string key) => whole.Value.TryGetProperty(key, out _);

    /// <summary>The key, or null and an error that says what to write.</summary>
    public SettingsField? Required(string key, string hint)
    {
        if (!Mentions(key))
        {
            whole.Report.Error(Place.Key(key), $"is missing; write {hint}");
        }

        return this[key];
    }

    private static IEnumerable<(string Key, SettingsField Field)> Entries(SettingsField field)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in field.Value.EnumerateObject())
        {
            var entry = new SettingsField(property.Value, field.Place.Key(property.Name), field.Report);
            if (!seen.Add(property.Name))
            {
                entry.Error("stands here twice; keep one of the two");
            }
            else if (property.Value.ValueKind == JsonValueKind.Null)
            {
                entry.Error("is null; leave the key out");
            }
            else
            {
                yield return (property.Name, entry);
            }
        }
    }
}
