using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Reads what a source says for each of its values: units and ranges, by value name, "" when the payload is one number.</summary>
internal static class PerValueReader
{
    public static ImmutableDictionary<string, string> Units(SettingsField? field, SourceValues values)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, entry) in field is { } units ? values.PerValue(units, isWhole: units.Is(JsonValueKind.String), "\"bar\"") : [])
        {
            if (entry.Text(example: "a unit such as \"bar\"") is { } unit)
            {
                builder[name] = unit;
            }
        }

        return builder.ToImmutable();
    }

    public static ImmutableDictionary<string, ValueRange> Ranges(SettingsField? field, SourceValues values)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, ValueRange>(StringComparer.Ordinal);
        foreach (var (name, entry) in field is { } ranges ? values.PerValue(ranges, isWhole: ranges.Is(JsonValueKind.Array), "[0, 16]") : [])
        {
            if (Range(entry) is { } range)
            {
                builder[name] = range;
            }
        }

        return builder.ToImmutable();
    }

    private static ValueRange? Range(SettingsField field)
    {
        var ends = SettingsSection.OpenList(field).ToList();
        if (!field.Is(JsonValueKind.Array))
        {
            return null;
        }

        if (ends.Count != 2)
        {
            field.Error($"has {ends.Count} entries; write the lowest and the highest allowed value: [low, high]");
            return null;
        }

        var (low, high) = (ends[0].Number(), ends[1].Number());
        if (low >= high)
        {
            field.Error("has a low end that is not below its high end; write [low, high]");
        }

        return low is null || high is null ? null : new ValueRange(low.Value, high.Value);
    }
}
