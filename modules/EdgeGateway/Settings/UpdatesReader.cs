using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EdgeGateway.Settings;

/// <summary>Reads the section "updates".</summary>
internal static partial class UpdatesReader
{
    private const int MostHosts = 64;
    private const int LongestUrl = 2048;

    public static UpdateSettings Read(SettingsField? field)
    {
        var section = field is { } present ? SettingsSection.Open(present, "updates") : null;
        return new UpdateSettings(Hosts(section?["hosts"]), SectionReaders.FilePath(section?["caFile"]), Proxy(section?["proxy"]))
        {
            RootFile = SectionReaders.FilePath(section?["root"]),
            Proof = Proof(section?["proof"]),
        };
    }

    private static ProofLimits Proof(SettingsField? field)
    {
        var (section, otherwise) = (field is { } present ? SettingsSection.Open(present, "proof") : null, new ProofLimits());
        return new ProofLimits(
            Whole("leastRecall", 1, 100, otherwise.LeastRecall), Whole("mostFalseAlarms", 100, 1000, otherwise.MostFalseAlarms), Whole("mostDisagreement", 1, 100, otherwise.MostDisagreement),
            Whole("mostAlerts", 100, 1000, otherwise.MostAlerts), Whole("mostSilence", 1, 100, otherwise.MostSilence), Whole("windows", 200, 1_000_000, otherwise.ShadowWindows), Whole("hours", 1, 720, otherwise.ShadowHours));

        int Whole(string key, long least, long most, int when) => (int)(section?[key]?.Integer(least, most) ?? when);
    }

    private static ImmutableArray<string>? Hosts(SettingsField? field)
    {
        if (field is not { } list)
        {
            return null;
        }

        var entries = SettingsSection.OpenList(list).ToList();
        if (entries.Count > MostHosts)
        {
            list.Error($"has {entries.Count} entries; write at most {MostHosts} hosts");
        }

        return [.. entries.Take(MostHosts).Select(Host).OfType<string>()];
    }

    /// <summary>As addresses of packages are compared with it: the default port written out, names in lower case, numbers of addresses in their usual form.</summary>
    private static string? Host(SettingsField field)
    {
        const string hint = "a host or host:port, such as \"store.example\" or \"10.0.0.5:8443\"";
        if (field.Text(most: 300, hint) is not { } text)
        {
            return null;
        }

        if (HostForm().IsMatch(text) && Uri.TryCreate($"https://{text}", UriKind.Absolute, out var url) && url.Port > 0)
        {
            return $"{url.IdnHost}:{url.Port}";
        }

        field.Error($"is {field.Shown()}, which is no host; write {hint}");
        return null;
    }

    /// <summary>What is wrong is never shown: it may be user:password@host.</summary>
    private static Uri? Proxy(SettingsField? field)
    {
        const string hint = "the address of an HTTP proxy, such as \"http://proxy:3128\"";
        var text = field?.Text(LongestUrl, hint);
        if (text is null || (ProxyForm().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Port > 0))
        {
            return text is null ? null : new Uri(text);
        }

        field?.Error($"is no address of a proxy; write {hint}, without user and path");
        return null;
    }

    [GeneratedRegex(@"^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(:[0-9]{1,5})?$")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[Hh][Tt][Tt][Pp]://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(:[0-9]{1,5})?/?$")]
    private static partial Regex ProxyForm();
}
