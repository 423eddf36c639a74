using System.Text.RegularExpressions;
using Hubstand.Hub;
using Hubstand.Identities;

namespace Hubstand.Routes;

/// <summary>One route of a deployment: from a source, under a condition, into $upstream or an input of a module.</summary>
/// <param name="Name">Name in the manifest.</param>
/// <param name="Module">Input's module; null for $upstream.</param>
/// <param name="Input">Input's name; null for $upstream.</param>
internal sealed partial record Route(string Name, string Source, Condition? Condition, string? Module, string? Input)
{
    private static readonly string[] EveryMessage = ["/*", "/messages/*"];

    /// <summary>Reads a route.</summary>
    /// <exception cref="FormatException">It is none, or none that can be evaluated here.</exception>
    public static Route Parse(string name, string text)
    {
        var match = Whole().Match(text.Trim());
        if (!match.Success || !Sources().IsMatch(match.Groups["source"].Value))
        {
            throw new FormatException(
                $"Route {name} cannot be read: it must be FROM /messages/modules/MODULE/outputs/OUTPUT (or /messages/modules/MODULE/*, /messages/*, /*) [WHERE ...] INTO $upstream or BrokeredEndpoint(\"/modules/MODULE/inputs/INPUT\").");
        }

        try
        {
            var condition = match.Groups["where"].Success ? Condition.Parse(match.Groups["where"].Value) : null;
            return new Route(name, match.Groups["source"].Value, condition, Group("module"), Group("input"));
        }
        catch (FormatException e)
        {
            throw new FormatException($"Route {name}: {e.Message}", e);
        }

        string? Group(string group) => match.Groups[group].Success ? match.Groups[group].Value : null;
    }

    /// <summary>Whether a message goes this way.</summary>
    public bool Takes(TelemetryMessage message) => Comes(message.Sender, message.Output) && Condition?.Holds(message) != false;

    private bool Comes(IdentityName sender, string? output)
    {
        if (EveryMessage.Contains(Source))
        {
            return true;
        }

        if (sender.Module is null)
        {
            return false;
        }

        var parts = Source.Split('/');
        return Matches(parts[3], sender.Module) && (parts.Length < 6 || (output is not null && Matches(parts[5], output)));
    }

    /// <summary>edgeHub compares sources ignoring case.</summary>
    private static bool Matches(string pattern, string name) => pattern == "*" || pattern.Equals(name, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("""^FROM\s+(?<source>\S+)(?:\s+WHERE\s+(?<where>.+?))?\s+INTO\s+(?:\$upstream|BrokeredEndpoint\(\s*["']/modules/(?<module>[^/"']+)/inputs/(?<input>[^/"']+)["']\s*\))$""", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(?:/\*|/messages/\*|/messages/modules/\*|/messages/modules/[^/*]+(?:/\*|/outputs/(?:\*|[^/*]+)|))$")]
    private static partial Regex Sources();
}
