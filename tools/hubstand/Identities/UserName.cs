using System.Diagnostics.CodeAnalysis;

namespace Hubstand.Identities;

/// <summary>The user name of CONNECT: <c>{hub}/{device}[/{module}]/?api-version={v}&amp;DeviceClientType={agent}</c>.</summary>
internal sealed record UserName(IdentityName Identity, string ApiVersion, string? ClientType)
{
    /// <summary>Reads it as edgeHub does: the first segment is not looked at, an api-version must be there and is not compared.</summary>
    /// <param name="problem">What is wrong with it, one sentence.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out UserName? userName, [NotNullWhen(false)] out string? problem)
    {
        userName = null;
        var segments = (text ?? "").Split('/');
        if (segments.Length is < 3 or > 4 || segments[..^1].Any(s => s.Length == 0))
        {
            problem = $"The user name has {segments.Length} segments: it must be HUB/DEVICE[/MODULE]/?api-version=VERSION, and ids must not hold a slash.";
            return false;
        }

        var last = segments[^1];
        if (!last.StartsWith('?') && !last.Contains("api-version=", StringComparison.Ordinal))
        {
            problem = "The user name's last segment neither starts with ? nor holds api-version=.";
            return false;
        }

        var fields = last.TrimStart('?').Split('&').Select(f => f.Split('=', 2)).Where(f => f.Length == 2).ToLookup(f => f[0], f => Uri.UnescapeDataString(f[1]));
        if (string.IsNullOrEmpty(fields["api-version"].FirstOrDefault()))
        {
            problem = "The user name states no api-version.";
            return false;
        }

        problem = null;
        userName = new UserName(new IdentityName(segments[1], segments.Length == 4 ? segments[2] : null), fields["api-version"].First(), fields["DeviceClientType"].FirstOrDefault());
        return true;
    }
}
