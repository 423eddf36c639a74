using System.Diagnostics.CodeAnalysis;

namespace Hubstand.Hub;

/// <summary>The last segment of a telemetry topic: properties as edgeHub reads them, with the forms that it does not read.</summary>
internal static class PropertyBag
{
    /// <summary>
    /// Reads <c>name=value</c> pairs joined by <c>&amp;</c>, both sides percent-encoded; a bare name has no value. A plus sign is a plus sign. False for an equals sign within a
    /// value and for an empty pair, such as after a trailing <c>&amp;</c>: edgeHub's parser fails there. Of a name that comes twice the last value counts.
    /// </summary>
    public static bool TryParse(string bag, [NotNullWhen(true)] out Dictionary<string, string?>? properties)
    {
        properties = new(StringComparer.Ordinal);
        if (bag.Length == 0)
        {
            return true;
        }

        foreach (var pair in bag.Split('&'))
        {
            var sides = pair.Split('=');
            if (sides.Length > 2 || sides[0].Length == 0)
            {
                properties = null;
                return false;
            }

            properties[Uri.UnescapeDataString(sides[0])] = sides.Length == 1 ? null : Uri.UnescapeDataString(sides[1]);
        }

        return true;
    }

    /// <summary>Writes properties the way that every client reads: names and values escaped, a bare name for null.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, string?>> properties) =>
        string.Join('&', properties.Select(p => p.Value is null ? Uri.EscapeDataString(p.Key) : $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
}
