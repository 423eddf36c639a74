using System.Collections.Immutable;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Steps;

/// <summary>Looks at what a candidate says before it may judge: on the windows of the image, on those of its package, then on live ones beside what judges now.</summary>
internal sealed class CandidateProof(SlotId slot, UpdateParts parts, LoadedPackage package, PackageManifest manifest, ProofReferences references, ShadowStates begun) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Keeping = TimeSpan.FromMinutes(1);

    private readonly ProofLimits limits = parts.Limits.TightenedBy(manifest.Limits);
    private ShadowTally? besideRunning;
    private ShadowTally? besideAlone;
    private ShadowJudge? shadow;
    private long kept = parts.Clock.GetTimestamp();

    /// <summary>Whether recorded windows were judged, and well.</summary>
    public bool HasSeenRecorded { get; private set; }

    /// <summary>The windows of the image, against what judges now and what stays, and those of the package.</summary>
    public StepOutcome OnRecorded(CancellationToken token)
    {
        using var judge = package.NewJudge();
        var candidate = new JudgedModel(judge, package.Sensor.Under(references.Under));
        var answers = ProofReferences.Ask(candidate, parts, token);
        var outcome = First(references.All.Select(reference => CanonicalProof.Compare(answers, reference, parts.Canonical.Value, limits)));
        if (outcome.End == StepEnd.Done && package.Golden is { } golden)
        {
            outcome = First([GoldenProof.Run(candidate, golden, token)]);
        }

        HasSeenRecorded = outcome.End == StepEnd.Done;
        return HasSeenRecorded ? StepOutcome.Waits("shadow", "It judges live windows beside what judges now.", TimeSpan.Zero) : outcome;
    }

    /// <summary>Live windows; where statistics judge meanwhile, there is nothing to compare with, and it passes.</summary>
    /// <param name="keep">Told where it is, so that a restart goes on from there.</param>
    public StepOutcome OnLive(Action<ShadowStates> keep)
    {
        if (!parts.Host.HasModel)
        {
            return StepOutcome.Done;
        }

        shadow ??= Begin();
        if (shadow.Fault is { } fault)
        {
            return StepOutcome.Refused("engine", $"It failed on a live window: {fault.Message}");
        }

        if (parts.Clock.GetElapsedTime(kept) >= Keeping)
        {
            keep(new ShadowStates(besideRunning!.State, besideAlone?.State));
            kept = parts.Clock.GetTimestamp();
        }

        ShadowTally[] tallies = besideAlone is null ? [besideRunning!] : [besideRunning!, besideAlone];
        return Array.TrueForAll(tallies, t => t.Result is not null) ? First(tallies.Select(t => t.Result!))
            : Array.Exists(tallies, t => t.IsPending) ? StepOutcome.Waits("pending", $"In {limits.ShadowHours} hours it has judged fewer than {limits.FewestShadowWindows} live windows beside what judges now; it waits for more of them.", Look)
            : StepOutcome.Waits("shadow", "It judges live windows beside what judges now.", Look);
    }

    /// <inheritdoc/>
    public void Dispose() => shadow?.Dispose();

    /// <summary>Beside an adapter that judges now its model judges too, without it.</summary>
    private ShadowJudge Begin()
    {
        var now = parts.Clock.GetUtcNow();
        var alone = slot.Adapter is not null && parts.Host.Of(slot.Adapter)?.Adapter is not null ? parts.Host.NewJudge(null, out _) : null;
        besideRunning = Tally(begun.Running, "the running model");
        besideAlone = alone is null ? null : Tally(begun.Alone, ProofReferences.Alone);
        ImmutableArray<JudgedModel> judges = [new(package.NewJudge(), package.Sensor.Under(references.Under)), .. alone is null ? [] : new[] { new JudgedModel(alone, parts.Host.Sensor.Under(references.Under)) }];
        return new ShadowJudge(slot, parts.Host, judges, (running, others) =>
        {
            besideRunning.Add(running, others[0]);
            besideAlone?.Add(others[^1], others[0]);
        });

        ShadowTally Tally(ShadowState? state, string by) => new(limits, WindowJudge.KindsOf(parts.Host.Sensor), parts.Clock, state ?? ShadowState.New(now)) { By = by };
    }

    /// <summary>The first that did not pass.</summary>
    private static StepOutcome First(IEnumerable<ProofResult> results) =>
        results.FirstOrDefault(result => !result.IsPassed) is { } refused ? StepOutcome.Refused(refused.Code!, refused.Sentence) : StepOutcome.Done;
}
