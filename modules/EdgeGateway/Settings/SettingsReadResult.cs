using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>What came of reading: the settings, or everything that stands in the way of them.</summary>
/// <param name="Settings">Null when there is any error.</param>
/// <param name="UnknownKeys">Keys that this version does not know: errors for <c>config check</c>, warnings for <c>run</c>.</param>
/// <param name="Warnings">What is possible, but hardly meant.</param>
public sealed record SettingsReadResult(
    GatewaySettings? Settings,
    ImmutableArray<SettingsProblem> Errors,
    ImmutableArray<SettingsProblem> UnknownKeys,
    ImmutableArray<SettingsProblem> Warnings)
{
    /// <summary>Whether <c>config check</c> accepts the document.</summary>
    public bool PassesCheck => Errors.IsEmpty && UnknownKeys.IsEmpty;
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Origin">The file, or whatever else the document came from.</param>
/// <param name="Path">Where in the document, e.g. sources.pumps.values.pressure; empty for the document as a whole.</param>
/// <param name="Message">What is wrong and what to do; with the path before it, one sentence.</param>
public sealed record SettingsProblem(string Origin, string Path, string Message)
{
    /// <summary>The whole as one line.</summary>
    public override string ToString() => Path.Length == 0 ? $"{Origin}: the document {Message}." : $"{Origin}: {Path} {Message}.";
}

/// <summary>One document of several that are laid over each other.</summary>
public sealed record SettingsLayer(ReadOnlyMemory<byte> Json, string Origin);
