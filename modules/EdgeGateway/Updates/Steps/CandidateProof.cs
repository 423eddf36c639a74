using EdgeGateway.Packages.Manifests;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Steps;

/// <summary>Looks at what a candidate says before it may judge: on the windows of the image, on those of its package, then on live ones beside what judges now.</summary>
internal sealed class CandidateProof(SlotId slot, UpdateParts parts, LoadedPackage package, PackageManifest manifest, ShadowState? begun) : IDisposable
{
    private static readonly TimeSpan LongestCanonical = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Keeping = TimeSpan.FromMinutes(1);

    private readonly ProofLimits limits = parts.Limits.TightenedBy(manifest.Limits);
    private ShadowTally? tally;
    private ShadowJudge? shadow;
    private long kept = parts.Clock.GetTimestamp();

    /// <summary>Whether recorded windows were judged, and well.</summary>
    public bool HasSeenRecorded { get; private set; }

    /// <summary>The windows of the image, against what judges now, and those of the package.</summary>
    public StepOutcome OnRecorded(CancellationToken token)
    {
        using var judge = package.NewJudge();
        using var other = parts.Host.NewJudge(slot.Adapter, out var sensor);
        var candidate = new JudgedModel(judge, package.Sensor);
        var windows = parts.Canonical.Value.Within(LongestCanonical, TimeOf(judge));
        var outcome = Of(CanonicalProof.Run(candidate, new JudgedModel(other, sensor), windows, limits, _ => { }, token));
        if (outcome.End == StepEnd.Done && package.Golden is { } golden)
        {
            outcome = Of(GoldenProof.Run(candidate, golden, token));
        }

        HasSeenRecorded = outcome.End == StepEnd.Done;
        return HasSeenRecorded ? StepOutcome.Waits("shadow", "It judges live windows beside what judges now.", TimeSpan.Zero) : outcome;
    }

    /// <summary>Live windows; where statistics judge meanwhile, there is nothing to compare with, and it passes.</summary>
    /// <param name="keep">Told where it is, so that a restart goes on from there.</param>
    public StepOutcome OnLive(Action<ShadowState> keep)
    {
        if (!parts.Host.HasModel)
        {
            return StepOutcome.Done;
        }

        tally ??= new ShadowTally(limits, WindowJudge.KindsOf(parts.Host.Sensor), parts.Clock, begun ?? ShadowState.New(parts.Clock.GetUtcNow()));
        shadow ??= new ShadowJudge(slot, parts.Host, package.NewJudge(), package.Sensor, tally.Add);
        if (shadow.Fault is { } fault)
        {
            return StepOutcome.Refused("engine", $"It failed on a live window: {fault.Message}");
        }

        if (parts.Clock.GetElapsedTime(kept) >= Keeping)
        {
            keep(tally.State);
            kept = parts.Clock.GetTimestamp();
        }

        return tally.Result is { } result ? Of(result)
            : tally.IsPending ? StepOutcome.Waits("pending", $"In {limits.ShadowHours} hours it has judged fewer than {ShadowTally.FewestWindows} live windows beside what judges now; it waits for more of them.", Look)
            : StepOutcome.Waits("shadow", "It judges live windows beside what judges now.", Look);
    }

    /// <inheritdoc/>
    public void Dispose() => shadow?.Dispose();

    /// <summary>What one window takes, the slower one of both: the candidate, as what runs has proven that it is fast enough.</summary>
    private TimeSpan TimeOf(IVerdictModel judge)
    {
        var (began, answer) = (parts.Clock.GetTimestamp(), new float[package.Sensor.Labels.Length]);
        judge.Judge(package.Sensor.Suffix, answer);
        return parts.Clock.GetElapsedTime(began);
    }

    private static StepOutcome Of(ProofResult result) => result.IsPassed ? StepOutcome.Done : StepOutcome.Refused(result.Code!, result.Sentence);
}
