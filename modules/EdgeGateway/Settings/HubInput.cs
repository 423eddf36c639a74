namespace EdgeGateway.Settings;

/// <summary>A hub input as a source: its messages come under a topic of their own, which no broker's topic can be.</summary>
internal static class HubInput
{
    /// <summary>Longest name.</summary>
    public const int MaxLength = 64;

    /// <summary>What the topics of all inputs begin with; sources must not subscribe to such topics at a broker.</summary>
    public const string Prefix = "$input/";

    /// <summary>The topic of an input's messages.</summary>
    public static string TopicOf(string input) => Prefix + input;

    /// <summary>Whether an input may be called so in the settings.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
