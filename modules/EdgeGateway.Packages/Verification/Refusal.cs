using System.Text.RegularExpressions;

namespace EdgeGateway.Packages.Verification;

/// <summary>Why something is not taken.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Sentence">For an operator: what is wrong, with numbers and names, and what to do. Foreign text in it is cut to 64 printable ASCII characters.</param>
public sealed partial record Refusal(RefusalCode Code, string Sentence)
{
    /// <summary>The code as docs/formats/package.md writes it: <c>too-large</c>.</summary>
    public string CodeText => InnerCapital().Replace(Code.ToString(), "-$0").ToLowerInvariant();

    /// <summary>Whether the same package may pass later without a change of what it is held against. All others are refused for what they are, and may be remembered until that changes.</summary>
    public bool Waits => Code is RefusalCode.RootExpired or RefusalCode.GroupKey or RefusalCode.BlobMissing;

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex InnerCapital();
}
