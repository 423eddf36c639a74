using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>Reads all sources and checks the rules between them.</summary>
internal static class SourcesReader
{
    private const string Example = "\"sources\": { \"tank\": { \"topic\": \"plant/tank/level\" } }";

    public static ImmutableArray<SourceSettings> Read(SettingsDocument document, string? gateway, SettingsReport report)
    {
        if (document.Required("sources", Example) is { } field && document.HasNoSources)
        {
            field.Error($"is empty, so there is nothing to read; write {Example}");
        }

        var read = new List<(SourceSettings Source, SettingsPlace Topic)>();
        foreach (var (name, entry) in document.Sources)
        {
            if (SourceReader.Read(name, entry) is { } source)
            {
                read.Add((source, entry.Place.Key(source.Input is null ? "topic" : "input")));
            }
        }

        CheckOverlaps(read, report);
        CheckOwnTopics(read, gateway, report);
        return [.. read.Select(entry => entry.Source)];
    }

    // One sentence a source: the first overlap is enough to see what to change.
    private static void CheckOverlaps(List<(SourceSettings Source, SettingsPlace Topic)> sources, SettingsReport report)
    {
        for (var i = 1; i < sources.Count; i++)
        {
            var (later, place) = sources[i];
            var other = sources.FindIndex(0, i, entry => TopicPattern.Overlap(entry.Source.Topic, later.Topic));
            if (other >= 0)
            {
                var earlier = sources[other].Source;
                report.Error(place, $"overlaps with {earlier.Topic} of the source {earlier.Name}, so one message could match both; narrow one of them");
            }
        }
    }

    private static void CheckOwnTopics(List<(SourceSettings Source, SettingsPlace Topic)> sources, string? gateway, SettingsReport report)
    {
        if (!TopicPattern.TryParse($"edgegateway/{gateway}/#", out var own, out _))
        {
            return;
        }

        foreach (var (source, place) in sources.Where(entry => gateway is not null && TopicPattern.Overlap(entry.Source.Topic, own)))
        {
            report.Error(place, $"covers this gateway's own topics edgegateway/{gateway}/..., so it would read its own alerts; narrow it");
        }
    }
}
