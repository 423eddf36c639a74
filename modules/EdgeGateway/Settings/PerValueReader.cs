using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Reads what a source says for each of its values: units, ranges and their hysteresis, by value name, "" when the payload is one number.</summary>
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

    public static ImmutableDictionary<string, double> Hysteresis(SettingsField? field, SourceValues values, ImmutableDictionary<string, ValueRange> ranges)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (name, entry) in field is { } all ? values.PerValue(all, isWhole: all.Is(JsonValueKind.Number), "0.5") : [])
        {
            if (entry.Number() is not { } width)
            {
                continue;
            }

            builder[name] = width;
            if (width < 0)
            {
                entry.Error($"is {entry.Shown()}; write how far inside its range a value must be to count as inside again, 0 or more");
            }
            else if (!ranges.TryGetValue(name, out var range))
            {
                entry.Report.Warning(entry.Place, "has no effect without a range of this value; leave it out or say under range what is allowed");
            }
            else if (range.Low < range.High && width >= (range.High / 2) - (range.Low / 2))
            {
                entry.Error(string.Create(CultureInfo.InvariantCulture, $"is {entry.Shown()}, so that no value would be inside again; write less than half the range, {(range.High / 2) - (range.Low / 2)}"));
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
