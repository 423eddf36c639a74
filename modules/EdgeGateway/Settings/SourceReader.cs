using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Reads one source.</summary>
internal static class SourceReader
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestLateness = TimeSpan.FromMinutes(10);

    /// <summary>Null when it has no topic that can be used; then the reason is in the report, with whatever else is wrong.</summary>
    public static SourceSettings? Read(string name, SettingsField field)
    {
        if (SettingsSection.Open(field, "source") is not { } section)
        {
            return null;
        }

        var topic = section.Mentions("input") ? InputTopic(section) : Topic(section);
        var payload = section.Mentions("payload") ? section["payload"]?.Choice(("json", PayloadForm.Json), ("opcUa", PayloadForm.OpcUa)) : PayloadForm.Json;
        var values = SourceValues.Read(section["values"], payload);
        var ranges = PerValueReader.Ranges(section["range"], values);
        var source = new SourceSettings(
            name,
            topic!,
            Asset(section["asset"], topic, payload),
            values.Map,
            values.All,
            section["time"]?.Pointer(),
            Zone(section["zone"]),
            PerValueReader.Units(section["units"], values),
            States(section["states"]),
            Invalid(section["invalid"]),
            Quality(section["quality"]),
            ranges,
            CriticalityOf(section["criticality"]),
            section["sample"]?.Duration(Second, Day),
            section["silentAfter"]?.Duration(Second, LongestSilence),
            section["lateness"]?.Duration(TimeSpan.Zero, LongestLateness) ?? TimeSpan.Zero)
        {
            Input = section.Mentions("input") ? topic?.ToString()[HubInput.Prefix.Length..] : null,
            Payload = payload ?? PayloadForm.Json,
            OnDelay = section["onDelay"]?.Duration(TimeSpan.Zero, Day) ?? TimeSpan.Zero,
            OffDelay = section["offDelay"]?.Duration(TimeSpan.Zero, Day) ?? TimeSpan.Zero,
            Adapter = Adapter(section["adapter"]),
            Hysteresis = PerValueReader.Hysteresis(section["hysteresis"], values, ranges),
        };
        SourceRules.Check(section, source, values);
        return topic is null ? null : source;
    }

    private static TopicPattern? Topic(SettingsSection section)
    {
        const string hint = "a topic such as \"plant/{line}/pump/{pump}\"";
        var field = section.Required("topic", $"{hint}, or input for readings that other modules route to this one");
        if (field?.Text(TopicPattern.MaxLength, hint) is not { } text)
        {
            return null;
        }

        if (!TopicPattern.TryParse(text, out var topic, out var error))
        {
            field.Value.Error(error);
        }
        else if (text.StartsWith(HubInput.Prefix, StringComparison.Ordinal))
        {
            field.Value.Error($"is how the messages of hub inputs are called here; write \"input\": \"{text[HubInput.Prefix.Length..]}\" instead");
            return null;
        }

        return topic;
    }

    private static TopicPattern? InputTopic(SettingsSection section)
    {
        const string hint = "a name of 1 to 64 letters, digits, _ and -, such as \"readings\"";
        if (section["input"] is not { } field || field.Text(HubInput.MaxLength, hint) is not { } name)
        {
            return null;
        }

        if (section.Mentions("topic"))
        {
            field.Error("stands beside topic; a source reads one of the two");
        }
        else if (!HubInput.IsName(name))
        {
            field.Error($"is {field.Shown()}; write {hint}");
        }
        else
        {
            return TopicPattern.TryParse(HubInput.TopicOf(name), out var topic, out _) ? topic : null;
        }

        return null;
    }

    private static string? Asset(SettingsField? field, TopicPattern? topic, PayloadForm? payload)
    {
        var template = field?.Text();
        if (template is not null && topic is not null && !topic.TryCheckTemplate(template, out var error, payload == PayloadForm.Json ? [] : OpcUaOrigin.Names.AsSpan()))
        {
            field?.Error(error);
        }

        return template;
    }

    private static string? Adapter(SettingsField? field)
    {
        const string hint = "the name of an adapter: 1 to 64 of a-z, 0-9 and -, a letter or digit first";
        if (field?.Text(64, hint) is not { } name)
        {
            return null;
        }

        if (name[0] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            return name;
        }

        field?.Error($"is {field.Value.Shown()}; write {hint}");
        return null;
    }

    private static TimeZoneInfo Zone(SettingsField? field)
    {
        if (field?.Text(most: 64, "a time zone such as \"Europe/Berlin\"") is not { } id)
        {
            return TimeZoneInfo.Utc;
        }

        // The system looks for a file of this name: nothing but the form of a zone name reaches it, no other folder.
        if (char.IsAsciiLetter(id[0]) && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '_' or '/') && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
        {
            return zone;
        }

        field?.Error($"is {field.Value.Shown()}, which this system does not know; write an IANA name such as \"Europe/Berlin\"");
        return TimeZoneInfo.Utc;
    }

    private static ImmutableDictionary<string, double> States(SettingsField? field)
    {
        var states = ImmutableDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var entry in field is { } list ? SettingsSection.OpenList(list) : [])
        {
            var section = SettingsSection.Open(entry, "state");
            var text = section?.Required("text", "the text that the payload holds")?.Text();
            var value = section?.Required("value", "the number that it stands for")?.Number();
            if (text is not null && value is not null && !states.TryAdd(text, value.Value))
            {
                entry.Error($"gives the text \"{text}\" a second number; keep one of the two");
            }
        }

        return states.ToImmutable();
    }

    private static ImmutableArray<double> Invalid(SettingsField? field) => field is { } list
        ? [.. SettingsSection.OpenList(list).Select(entry => entry.Number()).OfType<double>()]
        : [];

    private static QualitySettings? Quality(SettingsField? field)
    {
        if (field is not { } present || SettingsSection.Open(present, "quality") is not { } section)
        {
            return null;
        }

        var pointer = section.Required("pointer", "a JSON pointer such as \"/quality\"")?.Pointer();
        var good = section.Required("good", "the values that mean good, such as [\"good\"]");
        var values = good is { } list ? SettingsSection.OpenList(list).Select(GoodValue).OfType<string>().ToImmutableHashSet(StringComparer.Ordinal) : [];
        if (good is { } empty && empty.Is(JsonValueKind.Array) && empty.Value.GetArrayLength() == 0)
        {
            empty.Error("is empty, so no reading would ever be good; list the values that mean good");
        }

        return pointer is null ? null : new QualitySettings(pointer, values);
    }

    private static string? GoodValue(SettingsField field)
    {
        if (field.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
        {
            field.Error($"is {field.Kind}; write a text, a number, true or false");
            return null;
        }

        return field.Is(JsonValueKind.String) ? field.Value.GetString() : field.Value.GetRawText();
    }

    private static Criticality CriticalityOf(SettingsField? field) => field?.Choice(
        ("low", Criticality.Low), ("normal", Criticality.Normal), ("high", Criticality.High), ("critical", Criticality.Critical)) ?? Criticality.Normal;
}
