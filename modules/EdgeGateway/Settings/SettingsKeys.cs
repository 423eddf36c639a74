using System.Collections.Frozen;

namespace EdgeGateway.Settings;

/// <summary>What is said about a key that this version does not read.</summary>
internal static class SettingsKeys
{
    private static readonly FrozenSet<string> Secrets =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "password", "passwd", "pass", "pwd", "secret", "token");

    /// <summary>Whether a section has this name.</summary>
    public static bool IsSection(string name) => IsKnown("", name);

    /// <summary>What is said about a section that is not known, one sentence.</summary>
    public static string UnknownSection(string name) => new SettingsProblem("", new SettingsPlace("", "").Key(name).Path, $"is not a known key; {Advice("", name)}").Sentence;

    public static bool IsKnown(string level, string key) => SettingsSchema.KeysByLevel[level].Contains(key);

    /// <summary>Reports a key that is not known at this level. Its value is never shown: it may be a secret.</summary>
    public static void Refuse(string level, string key, SettingsField field)
    {
        if (Secrets.Contains(key))
        {
            field.Error($"is a secret in plain sight; put it into a file and name that file in {(level == "webhook" ? "webhook.tokenFile" : "broker.passwordFile")}");
        }
        else
        {
            field.Report.UnknownKey(field.Place, $"is not a known key; {Advice(level, key)}");
        }
    }

    private static string Advice(string level, string key)
    {
        if (Closest(key, SettingsSchema.KeysByLevel[level]) is { } sibling)
        {
            return $"did you mean {sibling}?";
        }

        foreach (var (other, keys) in SettingsSchema.KeysByLevel.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (other != level && keys.Contains(key))
            {
                return $"{key} {Home(other)}";
            }
        }

        return "remove it";
    }

    private static string Home(string level) => level switch
    {
        "" => "stands at the top level of the document",
        "source" => "stands in a source",
        "quality" or "state" => $"stands in a {level} of a source",
        "maintenance" => "stands in a window of alerts.maintenance",
        "adapter" => "stands in an entry of adapters",
        "root" => "stands in trust.root",
        "proof" => "stands in updates.proof",
        "groupKey" => "stands in an entry of trust.keys",
        _ => $"stands in {level}",
    };

    private static string? Closest(string key, IEnumerable<string> candidates) => candidates
        .Select(candidate => (candidate, distance: Distance(key, candidate)))
        .Where(entry => entry.distance <= Math.Clamp(entry.candidate.Length / 2, 1, 3) || Extends(key, entry.candidate))
        .OrderBy(entry => entry.distance).ThenBy(entry => entry.candidate, StringComparer.Ordinal)
        .Select(entry => entry.candidate)
        .FirstOrDefault();

    private static bool Extends(string key, string candidate) =>
        candidate.Length >= 3 && key.Length <= 64 && key.Contains(candidate, StringComparison.OrdinalIgnoreCase);

    // Edit distance without regard to case; the longest known key bounds the work for keys of any length.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 8)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
