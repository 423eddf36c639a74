using EdgeGateway.Packages.Verification;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Updates;

/// <summary>How a step ended.</summary>
internal enum StepEnd
{
    /// <summary>The next one follows.</summary>
    Done,

    /// <summary>A passing reason: it is tried again, and nothing is remembered.</summary>
    Waits,

    /// <summary>The package is refused for what it is.</summary>
    Refused,
}

/// <summary>The end of a step, with what an operator is told of it.</summary>
/// <param name="Code">For programs, as docs/updates.md lists them.</param>
/// <param name="Sentence">What, where, what to do.</param>
/// <param name="After">How long to wait at least; null: as long as after failures in a row.</param>
internal sealed record StepOutcome(StepEnd End, string Code, string Sentence, TimeSpan? After = null)
{
    /// <summary>A server that holds another file than the one that is signed or asked for says nothing about that file: it waits, as for one that is away.</summary>
    private static readonly TimeSpan AfterOtherFile = TimeSpan.FromMinutes(10);

    /// <summary>Whether there is room again costs nothing to find out.</summary>
    private static readonly TimeSpan AfterDisk = TimeSpan.FromMinutes(1);

    /// <summary>The step is done.</summary>
    public static StepOutcome Done { get; } = new(StepEnd.Done, "", "");

    /// <summary>It is tried again.</summary>
    public static StepOutcome Waits(string code, string sentence, TimeSpan? after = null) => new(StepEnd.Waits, code, sentence, after);

    /// <summary>It is tried again until the disk takes it.</summary>
    public static StepOutcome OnDisk(string sentence) => Waits("disk", sentence, AfterDisk);

    /// <summary>It never passes as it is.</summary>
    public static StepOutcome Refused(string code, string sentence) => new(StepEnd.Refused, code, sentence);

    /// <summary>What a fetch says.</summary>
    public static StepOutcome Of(FetchResult result) => result switch
    {
        FetchResult.Waits { IsForDisk: true } waits => OnDisk(waits.Sentence),
        FetchResult.Waits waits => Waits("network", waits.Sentence, waits.RetryAfter),
        FetchResult.Refused { Code: "address" } refused => Refused(refused.Code, refused.Sentence),
        FetchResult.Refused refused => Waits(refused.Code, refused.Sentence, AfterOtherFile),
        _ => Done,
    };

    /// <summary>What a check says.</summary>
    public static StepOutcome Of(Refusal refusal) => new(refusal.Waits ? StepEnd.Waits : StepEnd.Refused, refusal.CodeText, refusal.Sentence);
}
