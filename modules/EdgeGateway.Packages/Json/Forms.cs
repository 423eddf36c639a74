using System.Text.RegularExpressions;

namespace EdgeGateway.Packages.Json;

/// <summary>The forms of texts in payloads (docs/formats/package.md).</summary>
internal static partial class Forms
{
    /// <summary>Of a package or a group.</summary>
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    public static partial Regex Name { get; }

    /// <summary>SHA-256.</summary>
    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    public static partial Regex Digest { get; }

    /// <summary>An X25519 recipient of age: Bech32 in lower case. Its checksum is judged by who seals to it.</summary>
    [GeneratedRegex(@"\Aage1[02-9ac-hj-np-z]{58}\z")]
    public static partial Regex Recipient { get; }

    /// <summary>A file name that means the same file, and no device, on every system: Windows drops a last dot and knows devices by name, with any extension.</summary>
    [GeneratedRegex(@"\A(?!(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\z))[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?\z")]
    public static partial Regex FileName { get; }

    /// <summary>Foreign text as a sentence can show it: at most 64 characters, printable ASCII.</summary>
    public static string Shown(string text) =>
        string.Concat(text.Take(64).Select(c => c is >= ' ' and <= '~' ? c : '?')) + (text.Length > 64 ? "..." : "");
}
