using EdgeGateway.Models;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Steps;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates.Slots;

/// <summary>Keeps the engine at what the disk says is active: loads it, confirms it with its first verdict, and goes back to what was before when it cannot be loaded or takes the process with it.</summary>
internal sealed class ActiveSlot(SlotId slot, UpdateParts parts)
{
    private readonly PackageLoader loader = new(slot, parts);

    /// <summary>What the engine has: digest of the envelope, "" for the image's model or no adapter; null before anything was loaded.</summary>
    private string? inEngine;

    /// <summary>The model that an adapter was loaded on.</summary>
    private LoadedModel? under;
    private AcceptedPackage? accepted;
    private StepOutcome trouble = StepOutcome.Done;
    private bool isAside;

    /// <summary>Loaded, and no verdict yet.</summary>
    private bool isWatched;

    private SlotState State => parts.Slots[slot];

    /// <summary>Whether there is nothing to do until somebody acts. A model without room is looked at again and again: adapters may be asked for.</summary>
    public bool IsSettled => IsLoaded && State.Confirmed && !isWatched && (slot.Adapter is not null || parts.Host.Model is { HasRoom: true });

    /// <summary>Whether the engine has what the disk says, with room for adapters where they are asked for.</summary>
    public bool IsLoaded => inEngine == (State.Active?.Sha256 ?? "") && (slot.Adapter is null ? !LacksRoom : State.Active is null || under == parts.Host.Model);

    private bool LacksRoom => parts.Host.Model is { HasRoom: false } && parts.Host.NeedsRoom();

    /// <summary>Loads what is active unless it is there, and confirms it once it has judged.</summary>
    /// <returns>Why it is not there yet.</returns>
    public async Task<StepOutcome> FollowAsync(CancellationToken token)
    {
        while (!IsLoaded && !isAside)
        {
            trouble = StepOutcome.Done;
            trouble = State.Active is { } installed ? await LoadAsync(installed, token) : await UnloadAsync(token);
            if (trouble.End == StepEnd.Waits)
            {
                break;
            }
        }

        if (State.Active is { } active && IsLoaded && (isWatched || !State.Confirmed) && parts.Host.FirstVerdictAsync(slot.Adapter).IsCompleted)
        {
            HasJudged(active);
        }

        return trouble;
    }

    /// <summary>Nothing is active, and somebody else loads the image's model.</summary>
    public void LeaveOwn() => inEngine = "";

    /// <summary>Lets the model go to make room for one that is to be proven; statistics judge until <see cref="StepBack"/>.</summary>
    public void StepAside()
    {
        (isAside, inEngine) = (true, null);
        parts.Host.SetNone()?.Dispose();
    }

    /// <summary>The room is free again, or taken for good.</summary>
    public void StepBack() => isAside = false;

    /// <summary>Puts in the engine what was loaded already.</summary>
    public async Task TakeAsync(InstalledPackage installed, LoadedPackage package, CancellationToken token)
    {
        using (package)
        {
            accepted = package.Accepted;
            if (slot.Adapter is null)
            {
                await PutAsync(package.TakeModel(), token);
            }
            else
            {
                under = parts.Host.Model;
                parts.Host.Put(package.TakeAdapter())?.Dispose();
            }
        }

        (inEngine, isWatched) = (installed.Sha256, true);
        parts.Logger.Activated(slot.ToString(), installed.Release, installed.Name);
        parts.Changed();
    }

    private async Task<StepOutcome> LoadAsync(InstalledPackage installed, CancellationToken token)
    {
        if (parts.Starts.TookTooMany(slot, installed.Sha256))
        {
            GoBack(installed, "starts", $"The process died {StartWatch.Most} times between loading it and its first verdict; have it made for smaller devices, or mended.");
            return StepOutcome.Done;
        }

        try
        {
            parts.Starts.Began(slot, installed.Sha256);
        }
        catch (StorageException)
        {
            // what judged before goes on judging on a full disk, counted or not
        }

        LoadedPackage? package = null;
        var outcome = await parts.HeavilyAsync(() => Load(installed, out package), token);
        if (outcome.End == StepEnd.Done)
        {
            await TakeAsync(installed, package!, token);
            return outcome;
        }

        parts.Starts.EndedWell(slot, installed.Sha256);
        if (slot.Adapter is not null && outcome.Code is "base-model" or "tokenizer" or "prompt-version")
        {
            // it comes back with its model
            (inEngine, under) = (installed.Sha256, parts.Host.Model);
            parts.Host.RemoveAdapter(slot.Adapter!)?.Dispose();
            return outcome with { End = StepEnd.Waits, After = Timeout.InfiniteTimeSpan };
        }

        if (outcome.End == StepEnd.Refused)
        {
            GoBack(installed, outcome.Code, outcome.Sentence);
            return StepOutcome.Done;
        }

        return outcome;
    }

    private StepOutcome Load(InstalledPackage installed, out LoadedPackage? package)
    {
        package = null;
        var outcome = loader.VerifyInstalled(installed, out var verified);
        outcome = outcome.End == StepEnd.Done ? loader.Open(verified!, out package) : outcome;
        outcome = outcome.End == StepEnd.Done ? Stage(package!) : outcome;
        outcome = outcome.End == StepEnd.Done ? package!.WarmUp() : outcome;
        if (outcome.End != StepEnd.Done)
        {
            package?.Dispose();
            package = null;
        }

        return outcome;
    }

    /// <summary>Beside the model that judges; one that does not fit beside it takes its place while statistics judge.</summary>
    private StepOutcome Stage(LoadedPackage package)
    {
        var outcome = package.Stage(parts.Host.HasModel ? parts.FreeMemory() : null);
        if (outcome.Code != "memory" || slot.Adapter is not null || !parts.Host.HasModel)
        {
            return outcome;
        }

        inEngine = null;
        parts.Host.SetNone()?.Dispose();
        return package.Stage(memoryLimit: null);
    }

    private async Task<StepOutcome> UnloadAsync(CancellationToken token)
    {
        if (slot.Adapter is null)
        {
            await PutAsync(parts.LoadOwn(), token);
        }
        else
        {
            parts.Host.RemoveAdapter(slot.Adapter)?.Dispose();
        }

        inEngine = "";
        return StepOutcome.Done;
    }

    private async Task PutAsync(LoadedModel model, CancellationToken token)
    {
        await parts.WithStagesStopped(() => parts.Host.Put(model)?.Dispose(), token);
        isAside = false;
        parts.ModelChanged();
    }

    /// <summary>What is active cannot be: what was before takes its place, unless it was called back since. One that is merely damaged here is brought again.</summary>
    private void GoBack(InstalledPackage installed, string code, string sentence)
    {
        var isDamage = code.StartsWith("blob-", StringComparison.Ordinal) || code.StartsWith("plain-", StringComparison.Ordinal) || code is "envelope" or "digest" or "sealing";
        parts.Slots.Change(slot, state =>
        {
            var previous = state.Previous is { } older && older.Epoch >= parts.EpochFloor(slot.Kind, older.Name) ? older : null;
            var again = isDamage && state.Wish is { } wish && wish.Sha256 == installed.Sha256
                ? new Candidate(wish.Sha256, wish.Release, wish.Url, UpdateOrigin.Settings, ByOperator: true, parts.Clock.GetUtcNow(), UpdateStep.Fetch) : null;
            var refused = new RefusedPackage(installed.Sha256, installed.Release, code, sentence, parts.Clock.GetUtcNow(), ByTime: false);
            return (again is null ? state.Refuse(refused) : state) with { Active = previous, Previous = null, Confirmed = previous is null, Candidate = state.Candidate ?? again };
        });
        parts.Log.Note("rolled back", $"{slot} release {installed.Release}", installed.Sha256, code, sentence);
        parts.Logger.RolledBack(slot.ToString(), installed.Release, code, sentence);
        parts.Changed();
    }

    /// <summary>Its first verdict since it was loaded is made: the load ended well, however the process ends later. The first of all confirms it: from now on nothing older is taken but by an operator.</summary>
    private void HasJudged(InstalledPackage active)
    {
        if (!State.Confirmed)
        {
            parts.Trust.Keep(accepted!);
            parts.Slots.Change(slot, state => state.Active?.Sha256 == active.Sha256 ? state with { Confirmed = true } : state);
            parts.Log.Note("confirmed", $"{slot} release {active.Release}", active.Sha256);
            parts.Changed();
        }

        parts.Starts.EndedWell(slot, active.Sha256);
        isWatched = false;
    }
}
