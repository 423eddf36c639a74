namespace EdgeGateway.Settings;

/// <summary>Reads the section "webhook".</summary>
internal static class WebhookReader
{
    private const int LongestUrl = 2048;

    /// <summary>Null without the section.</summary>
    public static WebhookSettings? Read(SettingsField? field)
    {
        if ((field is { } present ? SettingsSection.Open(present, "webhook") : null) is not { } section)
        {
            return null;
        }

        var url = section.Required("url", "the address that alerts are posted to, such as \"https://node-red/alerts\"");
        var (token, ca) = (section["tokenFile"], section["caFile"]);
        var webhook = new WebhookSettings(Url(url), SectionReaders.FilePath(token), SectionReaders.FilePath(ca));
        if (webhook.Url is { Scheme: "http" })
        {
            url!.Value.Report.Warning(url.Value.Place, "has alerts go over the network unencrypted; use https where that is not a network of your own");
            token?.Report.Warning(token.Value.Place, "goes over the network unencrypted; use https");
            ca?.Report.Warning(ca.Value.Place, "has no effect with http; use https or leave it out");
        }

        return webhook;
    }

    /// <summary>What is wrong is never shown: it may be user:password@host.</summary>
    private static Uri Url(SettingsField? field)
    {
        var text = field?.Text(LongestUrl, "a URL in quotes, such as \"https://node-red/alerts\"");
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && !text!.Any(char.IsWhiteSpace);
        if (text is not null && !isUrl)
        {
            field?.Error("is no http or https URL; write one such as \"https://node-red/alerts\"");
        }
        else if (isUrl && url!.UserInfo.Length > 0)
        {
            field?.Error("has a user in it; write the address without one, and put a bearer token into a file that webhook.tokenFile names");
        }

        return isUrl ? url! : new Uri("about:blank");
    }
}
