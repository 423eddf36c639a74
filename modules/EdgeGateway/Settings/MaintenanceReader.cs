using System.Collections.Immutable;
using System.Globalization;

namespace EdgeGateway.Settings;

/// <summary>Reads <c>alerts.maintenance</c>: windows by name.</summary>
internal static class MaintenanceReader
{
    private const int MostWindows = 64;
    private const int LongestName = 64;
    private const int MostAssets = 256;
    private const string Example = "\"2026-11-28T06:00:00+01:00\"";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    public static ImmutableArray<MaintenanceWindow> Read(IReadOnlyDictionary<string, SettingsField> windows)
    {
        foreach (var beyond in windows.Values.Skip(MostWindows).Take(1))
        {
            beyond.Error($"is one maintenance window too many; at most {MostWindows} are possible");
        }

        return [.. windows.Take(MostWindows).Select(w => Read(w.Key, w.Value)).OfType<MaintenanceWindow>()];
    }

    private static MaintenanceWindow? Read(string name, SettingsField field)
    {
        if (name.Length > LongestName)
        {
            field.Error($"is a name of {name.Length} characters; at most {LongestName} are possible");
        }

        if (SettingsSection.Open(field, "maintenance") is not { } section)
        {
            return null;
        }

        var assets = Assets(section.Required("assets", "\"assets\": [\"line-1/pump-1\"]"));
        var from = Time(section.Required("from", $"\"from\": {Example}"));
        var until = Time(section.Required("until", $"\"until\": {Example}"));
        var repeat = section["repeat"]?.Choice(("daily", TimeSpan.FromDays(1)), ("weekly", TimeSpan.FromDays(7)));
        return from is { } begin && until is { } end && IsPossible(end - begin, repeat, section) ? new MaintenanceWindow(name, assets, begin, end - begin, repeat) : null;
    }

    private static bool IsPossible(TimeSpan length, TimeSpan? repeat, SettingsSection section)
    {
        var problem = length <= TimeSpan.Zero ? "is not after from; write a later time"
            : length > Longest ? $"is more than {Longest.TotalDays} days after from; write an earlier time"
            : length > repeat ? "comes after the next begin; write an earlier time or leave repeat out"
            : null;
        if (problem is not null)
        {
            section["until"]!.Value.Error(problem);
        }

        return problem is null;
    }

    private static ImmutableArray<string> Assets(SettingsField? field)
    {
        if (field is not { } list)
        {
            return [];
        }

        SettingsField[] entries = [.. SettingsSection.OpenList(list)];
        if (list.Is(System.Text.Json.JsonValueKind.Array) && entries.Length is 0 or > MostAssets)
        {
            list.Error($"has {entries.Length} entries; write 1 to {MostAssets} assets, a * at the end of a name stands for many");
        }

        return [.. entries.Take(MostAssets).Select(Asset).OfType<string>()];
    }

    private static string? Asset(SettingsField field)
    {
        var name = field.Text(example: "the name of an asset, or its beginning with a * behind it");
        if (name?.IndexOf('*', StringComparison.Ordinal) is { } star && star >= 0 && star < name.Length - 1)
        {
            field.Error($"is {field.Shown()}; a * can only stand at the end, write the beginning of the names with a * behind it");
        }

        return name;
    }

    private static DateTimeOffset? Time(SettingsField? field)
    {
        if (field?.Text(most: 32, example: $"a time {Example}") is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time.ToUniversalTime();
        }

        field.Value.Error($"is {field.Value.Shown()}; write a time with its offset, such as {Example}");
        return null;
    }
}
