namespace EdgeGateway.Settings;

/// <summary>Reads the section "webhook".</summary>
internal static class WebhookReader
{
    private const string Example = "https://node-red/alerts";

    /// <summary>Null without the section.</summary>
    public static WebhookSettings? Read(SettingsField? field)
    {
        if ((field is { } present ? SettingsSection.Open(present, "webhook") : null) is not { } section)
        {
            return null;
        }

        var url = section.Required("url", $"the address that alerts are posted to, such as \"{Example}\"");
        var (token, ca) = (section["tokenFile"], section["caFile"]);
        var webhook = new WebhookSettings(url is { } address ? HttpUrl.Read(address, Example, "put a bearer token into a file that webhook.tokenFile names") : new Uri("about:blank"), SectionReaders.FilePath(token), SectionReaders.FilePath(ca));
        if (webhook.Url is { Scheme: "http" })
        {
            url!.Value.Report.Warning(url.Value.Place, "has alerts go over the network unencrypted; use https where that is not a network of your own");
            token?.Report.Warning(token.Value.Place, "goes over the network unencrypted; use https");
            ca?.Report.Warning(ca.Value.Place, "has no effect with http; use https or leave it out");
        }

        return webhook;
    }
}
