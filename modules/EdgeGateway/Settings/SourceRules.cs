namespace EdgeGateway.Settings;

/// <summary>Rules between the keys of one source.</summary>
internal static class SourceRules
{
    public static void Check(SettingsSection section, SourceSettings source, SourceValues values)
    {
        foreach (var key in values.IsOneNumber ? ["time", "quality"] : Array.Empty<string>())
        {
            section[key]?.Error("points into a JSON payload, but without values the payload is one number; name the number under values, e.g. { \"value\": \"/value\" }");
        }

        foreach (var key in source.Payload == PayloadForm.OpcUa ? ["time", "zone", "quality"] : Array.Empty<string>())
        {
            section[key]?.Error("is for JSON of other forms; OPC UA messages have their own times and status codes, so leave it out");
        }

        var hasTime = section.Mentions("time") || source.HasEventTime;
        Warn(section, "zone", hasTime, "has no effect without time; leave it out or say where the time stands");
        Warn(section, "lateness", hasTime, "has no effect without time, because arrival times are in order; leave it out");
        Warn(section, "onDelay", section.Mentions("range"), "has no effect without range; leave it out or say what is allowed");
        Warn(section, "offDelay", section.Mentions("range"), "has no effect without range; leave it out or say what is allowed");
        Warn(section, "silentAfter", source.SilentAfter > source.Sample.GetValueOrDefault(), "is not longer than sample; a sensor that reports on change is quiet for longer");
        if (source.Topic is { } topic && section["asset"] is { } asset && source.Asset is { } template)
        {
            WarnUnusedNames(topic, asset, template);
        }
    }

    private static void Warn(SettingsSection section, string key, bool isFine, string message)
    {
        if (section[key] is { } field && !isFine)
        {
            field.Report.Warning(field.Place, message);
        }
    }

    private static void WarnUnusedNames(TopicPattern topic, SettingsField asset, string template)
    {
        var unused = topic.Names.Where(name => !template.Contains($"{{{name}}}", StringComparison.Ordinal)).Select(name => $"{{{name}}}").ToList();
        if (topic.OpenEnd)
        {
            unused.Add("#");
        }

        if (unused.Count > 0)
        {
            asset.Report.Warning(
                asset.Place,
                $"does not use {string.Join(", ", unused)}: of topics that differ only there, the first to bring a value keeps it and the others are rejected as collision");
        }
    }
}
