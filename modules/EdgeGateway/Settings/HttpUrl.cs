namespace EdgeGateway.Settings;

/// <summary>Reads the address of an HTTP server.</summary>
internal static class HttpUrl
{
    private const int Longest = 2048;

    /// <summary>An absolute http or https URL without a user; "about:blank" beside an error. What is wrong is never shown: it may be user:password@host.</summary>
    /// <param name="example">What one looks like.</param>
    /// <param name="instead">Where credentials belong.</param>
    public static Uri Read(SettingsField field, string example, string instead)
    {
        var text = field.Text(Longest, $"a URL in quotes, such as \"{example}\"");
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && !text!.Any(char.IsWhiteSpace);
        if (text is not null && !isUrl)
        {
            field.Error($"is no http or https URL; write one such as \"{example}\"");
        }
        else if (isUrl && url!.UserInfo.Length > 0)
        {
            field.Error($"has a user in it; write the address without one, and {instead}");
        }

        return isUrl ? url! : new Uri("about:blank");
    }
}
