using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>What came of reading: the settings, or everything that stands in the way of them.</summary>
/// <param name="Settings">Null when there is any error.</param>
/// <param name="UnknownKeys">Keys that this version does not know: errors for <c>config check</c>, warnings for <c>run</c>.</param>
/// <param name="Warnings">What is possible, but hardly meant.</param>
/// <param name="Sections">The sections as they were written, each from the highest document that has it; sources by <c>sources.NAME</c>.</param>
public sealed record SettingsReadResult(
    GatewaySettings? Settings,
    ImmutableArray<SettingsProblem> Errors,
    ImmutableArray<SettingsProblem> UnknownKeys,
    ImmutableArray<SettingsProblem> Warnings,
    ImmutableArray<WrittenSection> Sections)
{
    /// <summary>Whether <c>config check</c> accepts the document.</summary>
    public bool PassesCheck => Errors.IsEmpty && UnknownKeys.IsEmpty;
}

/// <summary>A section as it was written, and the document that it came from.</summary>
public sealed record WrittenSection(string Name, string Origin, JsonElement Value);

/// <summary>One thing that is wrong.</summary>
/// <param name="Origin">The file, or whatever else the document came from.</param>
/// <param name="Path">Where in the document, e.g. sources.pumps.values.pressure; empty for the document as a whole.</param>
/// <param name="Message">What is wrong and what to do; with the path before it, one sentence.</param>
public sealed record SettingsProblem(string Origin, string Path, string Message)
{
    /// <summary>The section that it is in: the first key of the path.</summary>
    public string Section => Path.Split('.', '[')[0];

    /// <summary>The place in the document and what is wrong, as one sentence.</summary>
    public string Sentence => $"{(Path.Length == 0 ? "the document" : Path)} {Message}{(Message.EndsWith('?') ? "" : ".")}";

    /// <summary>The whole as one line.</summary>
    public override string ToString() => $"{Origin}: {Sentence}";
}

/// <summary>One document of several that are laid over each other.</summary>
/// <param name="IsTwin">It came from afar: keys that belong to the site file alone are refused in it.</param>
public sealed record SettingsLayer(ReadOnlyMemory<byte> Json, string Origin, bool IsTwin = false);
