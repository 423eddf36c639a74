namespace EdgeGateway.Packages.Verification;

/// <summary>One reason to refuse.</summary>
/// <param name="Code">What a finding is refused as.</param>
/// <param name="Find">The sentence of the refusal; null when there is nothing to say against it.</param>
internal sealed record Check<T>(RefusalCode Code, Func<T, string?> Find);

/// <summary>Checks in the order in which they are made.</summary>
internal static class CheckList
{
    /// <summary>The first finding; null: none.</summary>
    public static Refusal? FirstFinding<T>(this IEnumerable<Check<T>> checks, T examined) =>
        checks.Select(check => check.Find(examined) is { } sentence ? new Refusal(check.Code, sentence) : null).FirstOrDefault(refusal => refusal is not null);
}
