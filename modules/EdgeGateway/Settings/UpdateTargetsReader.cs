using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EdgeGateway.Settings;

/// <summary>Reads the sections "model" (but for its path), "adapters" and "trust".</summary>
internal static partial class UpdateTargetsReader
{
    private const int LongestUrl = 1024;
    private const int LongestQuery = 2048;
    private const string UrlHint = "an https address without query, such as \"https://store.example/pumps/3/manifest.json\"";
    private const string DigestHint = "the SHA-256 of the file, 64 of 0-9 a-f";

    public static UpdateTargets Read(SettingsDocument document)
    {
        var trust = document["trust"] is { } field ? SettingsSection.Open(field, "trust") : null;
        return new UpdateTargets(
            Model(document["model"]),
            ByName(document.Adapters, adapter => Package(SettingsSection.Open(adapter, "adapter"))),
            trust?["root"] is { } root ? Address(SettingsSection.Open(root, "root"), "version") : null,
            ByName(document.GroupKeys, key => Address(SettingsSection.Open(key, "groupKey"), "epoch")));
    }

    /// <summary>A section with nothing but a path asks for no package.</summary>
    private static PackageAddress? Model(SettingsField? field)
    {
        var section = field is { } present ? SettingsSection.Open(present, "model") : null;
        return section is not null && Array.Exists(["release", "url", "sha256", "query", "retry"], section.Mentions) ? Package(section) : null;
    }

    private static PackageAddress? Package(SettingsSection? section) =>
        Address(section, "release") is { } file ? new PackageAddress(file.Number, file.Url, file.Sha256, file.Query, (int)(section!["retry"]?.Integer(0, int.MaxValue) ?? 0)) : null;

    /// <summary>Null when something is missing or wrong, which the report says.</summary>
    private static FileAddress? Address(SettingsSection? section, string number)
    {
        var count = section?.Required(number, "a whole number from 1 on")?.Integer(1, int.MaxValue);
        var url = Url(section?.Required("url", UrlHint));
        var digest = Digest(section?.Required("sha256", DigestHint));
        var query = Query(section?["query"]);
        return count is { } found && url is not null && digest is not null ? new FileAddress((int)found, url, digest, query) : null;
    }

    private static ImmutableSortedDictionary<string, T> ByName<T>(IReadOnlyDictionary<string, SettingsField> fields, Func<SettingsField, T?> read)
        where T : class
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        foreach (var (name, field) in fields)
        {
            if (!Name().IsMatch(name))
            {
                field.Error("is no name of a package or group; write 1 to 64 of a-z, 0-9 and -, a letter or digit first");
            }
            else if (read(field) is { } value)
            {
                all[name] = value;
            }
        }

        return all.ToImmutable();
    }

    /// <summary>What is wrong is never shown: it may hold a signature.</summary>
    private static Uri? Url(SettingsField? field)
    {
        if (field?.Text(LongestUrl, UrlHint) is not { } text)
        {
            return null;
        }

        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "https", UserInfo: "", Fragment: "" } && url.Host.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || c == '@');
        if (isUrl && url!.Query.Length == 0)
        {
            return url;
        }

        field?.Error(isUrl ? "has a query in it; put what stands behind the ? into query, which is never shown" : $"is no address that can be fetched; write {UrlHint}");
        return null;
    }

    private static string? Digest(SettingsField? field)
    {
        if (field?.Text(most: 64, DigestHint) is not { } text)
        {
            return null;
        }

        if (Sha256().IsMatch(text))
        {
            return text;
        }

        field?.Error($"is no digest; write {DigestHint}");
        return null;
    }

    private static string? Query(SettingsField? field)
    {
        if (field?.Text(LongestQuery, "what stands behind the ? of the address") is not { } text)
        {
            return null;
        }

        if (text[0] != '?' && text.All(c => c is > ' ' and < '\u007f' and not '#'))
        {
            return text;
        }

        field?.Error("is no query; write what stands behind the ? of the address, without it");
        return null;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();
}
