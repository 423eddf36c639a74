using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeGateway.Support;

/// <summary>Takes secrets out of what leaves the device: by the name of a key, by the form of a text, and those that are known by what they are.</summary>
/// <param name="known">Secrets of this gateway; none of them stays in any text.</param>
internal sealed partial class Redaction(IEnumerable<string> known)
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Hidden = "(hidden)";

    /// <summary>Shorter texts stand in others by chance.</summary>
    private const int ShortestSecret = 4;

    private readonly string[] secrets = [.. known.Where(secret => secret.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];

    /// <summary>The same without secrets; names of keys are cleaned too.</summary>
    public JsonNode? Clean(JsonNode? node, string key = "") => node switch
    {
        JsonObject entries => new JsonObject(entries.Select(e => KeyValuePair.Create(Text(e.Key), Clean(e.Value, e.Key))).DistinctBy(e => e.Key)),
        JsonArray items => new JsonArray([.. items.Select(item => Clean(item, key))]),
        JsonValue value when SecretKey().IsMatch(key) && !key.EndsWith("File", StringComparison.Ordinal) => value.GetValueKind() == System.Text.Json.JsonValueKind.True || value.GetValueKind() == System.Text.Json.JsonValueKind.False ? value.DeepClone() : Hidden,
        JsonValue value when value.TryGetValue(out string? text) => Text(text),
        _ => node?.DeepClone(),
    };

    private string Text(string text)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }

        return Signature().Replace(Address().Replace(text, $"$1{Hidden}"), $"$1{Hidden}");
    }

    [GeneratedRegex("pass|secret|token|query|signature|credential|connection|(^|[a-z])key$|Key$|^sas|pwd", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretKey();

    /// <summary>The query of an address, and a user in it.</summary>
    [GeneratedRegex("""([a-zA-Z][a-zA-Z0-9+.-]*://(?:[^\s/?#"']*(?=@)|[^\s?#"']*\?))[^\s"']*""", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    /// <summary>Parts of connection strings, and shared access signatures on their own.</summary>
    [GeneratedRegex("""((?:SharedAccessKey|AccountKey|SharedAccessSignature|sig|password|pwd)\s*[=:]\s*)[^;&\s"']+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Signature();
}
