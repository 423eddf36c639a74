using EdgeGateway.Settings;
using EdgeGateway.Updates.Steps;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates.Slots;

/// <summary>
/// Brings one slot to what an operator asked for last, step by step: fetch, verify, open, stage, warm up, prove, activate, confirm; else what was before stays, or comes back. Before and after
/// each step the disk knows where it is, so that a process that was killed anywhere goes on, in the old or in the new state.
/// </summary>
internal sealed class SlotUpdater : IDisposable
{
    /// <summary>Refusals that another root, grant or model may lift.</summary>
    private static readonly string[] ByCircumstance = ["wrong-role", "threshold", "epoch-ahead", "group", "recipient", "base-model", "tokenizer", "prompt-version"];

    private readonly UpdateParts parts;
    private readonly CandidateSteps steps;
    private readonly ActiveSlot active;
    private readonly Lock gate = new();
    private readonly Signal signal;
    private CancellationTokenSource stepping = new();
    private volatile StepOutcome waiting = StepOutcome.Done;
    private int failures;
    private bool isBegun;

    public SlotUpdater(SlotId id, UpdateParts parts)
    {
        (Id, this.parts, signal) = (id, parts, new Signal(parts.Clock));
        active = new ActiveSlot(id, parts);
        steps = new CandidateSteps(id, parts, active);
    }

    /// <summary>Which slot.</summary>
    public SlotId Id { get; }

    /// <summary>What the disk knows of it.</summary>
    public SlotState State => parts.Slots[Id];

    /// <summary>Why the candidate waits; <see cref="StepOutcome.Done"/> when it does not.</summary>
    public StepOutcome Waiting => waiting;

    /// <summary>What is active, as the engine has it.</summary>
    public ActiveSlot Active => active;

    /// <summary>Packages that another root, grant or model may let in.</summary>
    public IEnumerable<string> RefusedByCircumstance => State.Refused.Where(r => ByCircumstance.Contains(r.Code)).Select(r => r.Sha256);

    /// <summary>Bytes fetched of the candidate, and of how many; 0 when nothing is being fetched.</summary>
    public (long Done, long Total) Progress => steps.Progress;

    /// <summary>Takes what somebody asked for in place of whatever was on its way: the newest act wins. What was refused is looked at once more.</summary>
    /// <param name="wish">What the settings say, when they are who asks.</param>
    public void Ask(Candidate candidate, PackageWish? wish = null) => Act(state =>
    {
        var forgiven = state.Forgive(candidate.Sha256) with { Wish = wish ?? state.Wish };
        return forgiven with { Candidate = state.Active?.Sha256 == candidate.Sha256 ? null : candidate };
    });

    /// <summary>The settings do not name it any more. An adapter that they brought goes; a model stays.</summary>
    public void Unwish() => Act(state => state with
    {
        Wish = null,
        Candidate = state.Candidate?.Origin == UpdateOrigin.Settings ? null : state.Candidate,
        Active = Id.Adapter is not null && state.Active?.Sha256 == state.Wish?.Sha256 ? null : state.Active,
        Previous = Id.Adapter is not null && state.Active?.Sha256 == state.Wish?.Sha256 ? state.Active : state.Previous,
    });

    /// <summary>Goes back to what was before.</summary>
    /// <returns>Why not; null when it is done on disk, and is being loaded.</returns>
    public string? RollBack()
    {
        var state = State;
        if (state.Active is null && state.Previous is null)
        {
            return $"There is nothing before what judges now in the slot {Id}.";
        }

        var floor = state.Previous is { } previous ? parts.EpochFloor(Id.Kind, previous.Name) : 0;
        if (state.Previous is { } older && older.Epoch < floor)
        {
            return $"Release {older.Release} of {Id} has the security epoch {older.Epoch}, this device has accepted {floor}: it was called back for good; bring a newer one.";
        }

        Act(now => now with { Active = now.Previous, Previous = now.Active, Candidate = null, Confirmed = now.Previous is null });
        parts.Log.Note("rolled back", $"{Id} release {state.Active?.Release}", state.Active?.Sha256 ?? "", sentence: "An operator asked for it.");
        return null;
    }

    /// <summary>What the package was held against has changed: it is looked at again if that is what it was refused for.</summary>
    /// <param name="target">What the settings name; null: nothing.</param>
    public void Reconsider(PackageAddress? target)
    {
        var refusal = target is null ? null : State.RefusalOf(target.Sha256);
        if (refusal is not null && (ByCircumstance.Contains(refusal.Code) || (refusal.ByTime && parts.Clock.GetUtcNow() < refusal.Time)))
        {
            Ask(new Candidate(target!.Sha256, target.Release, target.Url.ToString(), UpdateOrigin.Settings, ByOperator: !parts.Slots.IsNew, parts.Clock.GetUtcNow(), UpdateStep.Fetch));
        }

        Wake();
    }

    /// <summary>Loads what is active, before anything is judged.</summary>
    public async Task StartAsync(CancellationToken token)
    {
        if (State.Active is null)
        {
            active.LeaveOwn();
        }
        else
        {
            try
            {
                waiting = await active.FollowAsync(token);
            }
            catch (IOException e)
            {
                // the stages run meanwhile, and RunAsync tries again
                waiting = OfDisk(e);
            }
        }
    }

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (true)
        {
            await signal.WaitAsync(await AdvanceAsync(token), token);
        }
    }

    /// <summary>Looks again at once: a key, a root, a model or a clock may have changed.</summary>
    public void Wake()
    {
        failures = 0;
        signal.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        steps.Dispose();
        stepping.Dispose();
        signal.Dispose();
    }

    /// <summary>Does what is due, at most one step of a candidate; gives how long nothing more is, unless somebody acts.</summary>
    internal async Task<TimeSpan> AdvanceAsync(CancellationToken token)
    {
        CancellationToken either;
        lock (gate)
        {
            stepping.Dispose();
            stepping = CancellationTokenSource.CreateLinkedTokenSource(token);
            either = stepping.Token;
        }

        try
        {
            BeginAnew();
            var outcome = await active.FollowAsync(either);
            return State.Candidate is { } candidate ? await AdvanceAsync(candidate, either) : outcome.End == StepEnd.Waits ? Wait(outcome) : Idle();
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (IOException e)
        {
            return Wait(OfDisk(e));
        }
    }

    /// <summary>What a process before this one held in memory is gone.</summary>
    private void BeginAnew()
    {
        if (!isBegun)
        {
            parts.Slots.Change(Id, state => state.Candidate is { } candidate ? state with { Candidate = candidate with { Step = UpdateStep.Fetch } } : state);
            isBegun = true;
        }
    }

    private static StepOutcome OfDisk(IOException e) => StepOutcome.OnDisk($"The disk does not take it: {e.Message} The old state stays; make room or mend the disk.");

    private void Act(Func<SlotState, SlotState> change)
    {
        lock (gate)
        {
            parts.Slots.Change(Id, change);
            stepping.Cancel();
            (waiting, failures) = (StepOutcome.Done, 0);
        }

        signal.Set();
        parts.Changed();
    }

    private TimeSpan Idle()
    {
        steps.Forget();
        waiting = StepOutcome.Done;
        return active.IsSettled ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(1);
    }

    private async Task<TimeSpan> AdvanceAsync(Candidate candidate, CancellationToken token)
    {
        if (steps.IsOutdated)
        {
            // what it was staged on or held against does not hold any more
            steps.Forget();
            Replace(candidate, state => state with { Candidate = candidate with { Step = UpdateStep.Fetch, Shadow = null } });
            return TimeSpan.Zero;
        }

        var outcome = candidate.Step == UpdateStep.Activate ? await ActivateAsync(candidate, token) : await steps.RunAsync(candidate, token);
        switch (outcome.End)
        {
            case StepEnd.Waits:
                return Wait(outcome);
            case StepEnd.Refused:
                Refuse(candidate, outcome);
                return TimeSpan.Zero;
            default:
                (waiting, failures) = (StepOutcome.Done, 0);
                Replace(candidate, state => state.Candidate is { Step: < UpdateStep.Activate } now ? state with { Candidate = now with { Step = now.Step + 1 } } : state);
                return TimeSpan.Zero;
        }
    }

    private TimeSpan Wait(StepOutcome outcome)
    {
        if ((outcome.Code, outcome.Sentence) != (waiting.Code, waiting.Sentence))
        {
            waiting = outcome;
            parts.Logger.UpdateWaits(Id.ToString(), outcome.Code, outcome.Sentence);
            parts.Changed();
        }

        return outcome.After ?? parts.PauseAfter(failures++);
    }

    private void Refuse(Candidate candidate, StepOutcome outcome)
    {
        var refused = new RefusedPackage(candidate.Sha256, candidate.Release ?? steps.Accepted?.Manifest.Release, outcome.Code, outcome.Sentence, parts.Clock.GetUtcNow(), outcome.Code == "expired");
        steps.Forget();
        Replace(candidate, state => state.Refuse(refused));
        parts.Log.Note("refused", $"{Id} release {refused.Release}", refused.Sha256, refused.Code, refused.Sentence);
        parts.Logger.UpdateRefused(Id.ToString(), outcome.Code, outcome.Sentence);
        parts.CleanUp();
    }

    /// <summary>One write to the disk decides; the engine follows.</summary>
    private async Task<StepOutcome> ActivateAsync(Candidate candidate, CancellationToken token)
    {
        var (manifest, root) = (steps.Accepted!.Manifest, steps.Accepted.Trust.Root.Version);
        var installed = new InstalledPackage(manifest.Slot.Name, manifest.Release, manifest.Epoch, candidate.Sha256, root);
        parts.Starts.Began(Id, candidate.Sha256);
        if (Replace(candidate, state => state with { Active = installed, Previous = state.Active, Candidate = null, Confirmed = false }))
        {
            parts.Log.Note("activated", $"{Id} release {installed.Release}", installed.Sha256);
            await active.TakeAsync(installed, steps.Hand(), token);
            steps.Forget();
            parts.CleanUp();
        }

        return StepOutcome.Done;
    }

    /// <summary>Changes the slot if that candidate is still what is asked for; false when somebody acted meanwhile.</summary>
    private bool Replace(Candidate candidate, Func<SlotState, SlotState> change)
    {
        var isStill = false;
        lock (gate)
        {
            parts.Slots.Change(Id, state =>
            {
                isStill = state.Candidate is { } now && now.Sha256 == candidate.Sha256 && now.Asked == candidate.Asked;
                return isStill ? change(state) : state;
            });
        }

        parts.Changed();
        return isStill;
    }
}
