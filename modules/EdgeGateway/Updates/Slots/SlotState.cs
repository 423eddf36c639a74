using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EdgeGateway.Updates.Slots;

/// <summary>What a slot holds and what is under way in it, as the disk knows it. Changed as a whole, on disk before it counts.</summary>
/// <param name="Active">What judges; null: the image's model, or no adapter.</param>
/// <param name="Confirmed">Whether <paramref name="Active"/> has given a verdict since it was put in its place.</param>
/// <param name="Previous">What judged before it and lies there for a roll back; null: as with <paramref name="Active"/>.</param>
/// <param name="Candidate">What is on its way to take its place; null: nothing.</param>
/// <param name="Wish">What the settings asked for when that was last acted upon: the same again is no act. Null: nothing yet.</param>
/// <param name="Refused">What was refused for what it is, the newest last.</param>
/// <param name="Starts">Loads that are not known to have ended well.</param>
internal sealed record SlotState(
    InstalledPackage? Active, bool Confirmed, InstalledPackage? Previous, Candidate? Candidate, PackageWish? Wish,
    ImmutableArray<RefusedPackage> Refused, ImmutableArray<StartAttempt> Starts)
{
    /// <summary>Refusals that are remembered.</summary>
    public const int MostRefused = 8;

    /// <summary>A slot in which nothing happened yet.</summary>
    public static SlotState Empty { get; } = new(null, true, null, null, null, [], []);

    /// <summary>Digests of the envelopes that must stay on disk.</summary>
    [JsonIgnore]
    public IEnumerable<string> Needed => new[] { Active?.Sha256, Previous?.Sha256, Candidate?.Sha256 }.OfType<string>();

    /// <summary>The refusal of a package; null when it was not refused.</summary>
    public RefusedPackage? RefusalOf(string sha256) => Refused.LastOrDefault(r => r.Sha256 == sha256);

    /// <summary>Refuses what is on its way, for good.</summary>
    public SlotState Refuse(RefusedPackage refused) =>
        Forgive(refused.Sha256) with { Candidate = null, Refused = [.. Refused.Where(r => r.Sha256 != refused.Sha256).TakeLast(MostRefused - 1), refused] };

    /// <summary>Forgets why a package was refused and how its starts ended.</summary>
    public SlotState Forgive(string sha256) => this with { Refused = Refused.RemoveAll(r => r.Sha256 == sha256), Starts = Starts.RemoveAll(s => s.Sha256 == sha256) };
}

/// <summary>A package in its place.</summary>
/// <param name="Name">Of the package.</param>
/// <param name="Release">From 1.</param>
/// <param name="Epoch">Security epoch, from 1.</param>
/// <param name="Sha256">Of its envelope.</param>
/// <param name="Root">Version of the root under which it was accepted.</param>
internal sealed record InstalledPackage(string Name, int Release, int Epoch, string Sha256, int Root);

/// <summary>A package on its way.</summary>
/// <param name="Sha256">Of its envelope.</param>
/// <param name="Release">That was asked for; null: that of the envelope.</param>
/// <param name="Source">Address of its manifest, or folder in the inbox; null: it is in the store.</param>
/// <param name="ByOperator">Whether somebody asked for this very release: then it may be lower than what was accepted before.</param>
/// <param name="Asked">When.</param>
/// <param name="Step">What is done next, or being done.</param>
internal sealed record Candidate(string Sha256, int? Release, string? Source, UpdateOrigin Origin, bool ByOperator, DateTimeOffset Asked, UpdateStep Step)
{
    /// <summary>Where shadow judging is; null before.</summary>
    public Proving.ShadowStates? Shadow { get; init; }
}

/// <summary>How a package is asked for.</summary>
internal enum UpdateOrigin
{
    /// <summary>By the settings: the twin or a site file.</summary>
    Settings,

    /// <summary>It lay in the folder <c>inbox</c>.</summary>
    Inbox,

    /// <summary>By a command.</summary>
    Command,
}

/// <summary>The steps of an update, in their order. Each can be undone until <see cref="Activate"/>, which is one write to the disk.</summary>
internal enum UpdateStep { Fetch, Verify, Open, Stage, WarmUp, Prove, Activate, Confirm }

/// <summary>What the settings ask for; the query of the address is no part of it.</summary>
internal sealed record PackageWish(int Release, string Url, string Sha256, int Retry);

/// <summary>A package that was refused for what it is.</summary>
/// <param name="Sha256">Of its envelope.</param>
/// <param name="ByTime">It had expired by the clock of then, which may have been wrong.</param>
internal sealed record RefusedPackage(string Sha256, int? Release, string Code, string Sentence, DateTimeOffset Time, bool ByTime);

/// <summary>A start of the process that loaded a package.</summary>
/// <param name="Boot">Of the machine: a power cut begins another one.</param>
/// <param name="Uptime">Of the machine, when the package was loaded.</param>
internal sealed record StartAttempt(string Sha256, string Boot, TimeSpan Uptime);
