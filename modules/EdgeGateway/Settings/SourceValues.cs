using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Which values a source has: one without a name, named ones, or every top-level number.</summary>
/// <param name="Map">Null unless the values are named.</param>
/// <param name="Refused">What was written cannot be used, so nothing that depends on it is judged.</param>
internal sealed record SourceValues(ImmutableArray<ValueMapping>? Map, bool All, bool Refused)
{
    /// <summary>Whether the payload is one number, which has no name.</summary>
    public bool IsOneNumber => Map is null && !All && !Refused;

    /// <param name="payload">Null when it was refused.</param>
    public static SourceValues Read(SettingsField? field, PayloadForm? payload)
    {
        if (field is not { } values)
        {
            // an OPC UA payload is never one number: absent means every field
            return new SourceValues(Map: null, All: payload == PayloadForm.OpcUa, Refused: payload is null);
        }

        if (!values.Is(JsonValueKind.Object))
        {
            return ReadText(values);
        }

        if (!values.Value.EnumerateObject().Any())
        {
            values.Error("is empty; name a value, or leave the key out when the payload is one number");
            return new SourceValues(Map: null, All: false, Refused: true);
        }

        var map = ImmutableArray.CreateBuilder<ValueMapping>();
        foreach (var (name, entry) in SettingsSection.OpenMap(values))
        {
            if (entry.Pointer() is not { } pointer)
            {
                continue;
            }

            map.Add(new ValueMapping(name, pointer));
            if (payload == PayloadForm.OpcUa && pointer.Segments.Length != 1)
            {
                entry.Error("is no field of a data set; write the name of one behind a /, with ~1 for a / inside it, such as \"/Pressure\"");
            }
        }

        return new SourceValues(map.ToImmutable(), All: false, Refused: map.Count < values.Value.EnumerateObject().Count());
    }

    /// <summary>
    /// Entries of a key that says something for each value (units, range): a map by value name, or one for the single number, which has the name "".
    /// </summary>
    /// <param name="isWhole">Whether it is written in the form for the single number.</param>
    public IEnumerable<(string Name, SettingsField Field)> PerValue(SettingsField field, bool isWhole, string example)
    {
        if (isWhole)
        {
            if (!IsOneNumber && !Refused)
            {
                field.Error($"must say which value it is for; write {{ \"name\": {example} }}");
            }

            return [("", field)];
        }

        if (IsOneNumber)
        {
            field.Error($"is {field.Kind}, but the payload of this source is one number; write {example}, or name its values under values");
            return [];
        }

        return SettingsSection.OpenMap(field).Where(entry => Exists(entry.Name, entry.Field));
    }

    private static SourceValues ReadText(SettingsField values)
    {
        var all = values.Is(JsonValueKind.String) && values.Value.GetString() == "*";
        if (!all)
        {
            values.Error($"is {values.Shown()}; write {{ \"pressure\": \"/p\" }} with a JSON pointer for each name, or \"*\" for every top-level number");
        }

        return new SourceValues(Map: null, all, Refused: !all);
    }

    private bool Exists(string name, SettingsField field)
    {
        if (Refused || All || Map!.Value.Any(value => value.Name == name))
        {
            return true;
        }

        field.Error($"is for a value that this source does not have; it has {string.Join(", ", Map.Value.Select(value => value.Name))}");
        return false;
    }
}
