using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates;

/// <summary>
/// Brings models, adapters, roots and keys to what operators want: from the settings, the folder <c>inbox</c> and commands; the newest act wins. Each slot goes its way by itself.
/// </summary>
internal sealed class UpdateWorker : IDisposable
{
    /// <summary>How often the inbox, what commands left and the device key are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly UpdateParts parts;
    private readonly TrustTargets trust;
    private readonly Inbox inbox;
    private readonly Acts acts;

    /// <summary>What a disk did not take, by whose acts it is.</summary>
    private readonly ConcurrentDictionary<string, (StepOutcome Outcome, Action Act)> waiting = new(StringComparer.Ordinal);
    private readonly Lock disk = new();
    private readonly Lock gate = new();
    private ImmutableDictionary<SlotId, SlotUpdater> slots = ImmutableDictionary<SlotId, SlotUpdater>.Empty;
    private ImmutableDictionary<SlotId, Task> running = ImmutableDictionary<SlotId, Task>.Empty;
    private UpdateTargets targets = UpdateTargets.None;
    private CancellationToken ending;
    private bool isRunning;

    /// <param name="data">The data folder.</param>
    public UpdateWorker(string data, UpdateParts parts)
    {
        this.parts = parts;
        (trust, inbox, acts) = (new TrustTargets(Path.Combine(data, TrustStore.FolderName), parts, Reconsider), new Inbox(Path.Combine(data, Inbox.FolderName), parts), new Acts(Path.Combine(data, TrustStore.FolderName, Acts.FolderName)));
        foreach (var slot in parts.Slots.All.Append(SlotId.Model))
        {
            Slot(slot);
        }
    }

    /// <summary>The slots that something is known of.</summary>
    internal IReadOnlyCollection<SlotUpdater> Slots => [.. slots.Values];

    /// <summary>What there is to report and to list.</summary>
    public UpdateReport Report => new(slots.Values, [.. trust.Waiting, .. waiting.Select(w => KeyValuePair.Create(w.Key, w.Value.Outcome))], parts);

    /// <summary>What the address of a slot's package is continued with now.</summary>
    public string? QueryOf(SlotId slot) => TargetOf(slot)?.Query;

    /// <summary>Names of the groups that the settings give keys of, and of those whose keys are held.</summary>
    public ImmutableArray<string> Groups => [.. targets.Grants.Keys.Union(parts.Keys.Held().Select(held => held.Group))];

    /// <summary>Loads what is active before the first window is judged; the image's model, where nothing is, is the stages' to load.</summary>
    public async Task StartAsync(CancellationToken token)
    {
        if (slots.Values.Any(slot => slot.State.Active is not null))
        {
            // else nothing waits for a key, and the stages do not wait for a workload API that may be away
            await OpenDeviceKeyAsync(token);
        }

        await slots[SlotId.Model].StartAsync(token);
        foreach (var slot in slots.Values.Where(s => s.Id.Adapter is not null))
        {
            await slot.StartAsync(token);
        }
    }

    /// <summary>Wants what these settings name. The same as before is no act.</summary>
    public void Use(UpdateTargets wanted)
    {
        targets = wanted;
        trust.Use(wanted);
        OnDisk("settings", () =>
        {
            foreach (var slot in targets.Adapters.Keys.Select(name => new SlotId(name)).Concat(slots.Keys).Append(SlotId.Model).Distinct().ToList())
            {
                Use(Slot(slot), TargetOf(slot));
            }
        });
    }

    /// <summary>Runs until the token is cancelled; then nothing that is being loaded is to blame.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(token);
        OnDisk("leftovers", parts.CleanUp);
        lock (gate)
        {
            (ending, isRunning) = (any.Token, true);
            running = slots.ToImmutableDictionary(s => s.Key, s => s.Value.RunAsync(any.Token));
        }

        Task[] control = [trust.RunAsync(any.Token), LookAsync(any.Token), FaultedAsync(any.Token)];
        try
        {
            await await Task.WhenAny(control);
        }
        finally
        {
            await any.CancelAsync();
            await Task.WhenAll(running.Values.Concat(control).Select(task => task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
            parts.Starts.Stop();
        }
    }

    /// <summary>Does what somebody asked for by a command.</summary>
    /// <returns>Why not, with a status as in HTTP; null when it is done.</returns>
    public (int Status, string Sentence)? Do(OperatorAct act)
    {
        if (!slots.TryGetValue(act.Slot, out var slot))
        {
            return (404, $"There is no {act.Slot} on this device; there are {string.Join(", ", slots.Keys.Select(s => s.ToString()).Order(StringComparer.Ordinal))}.");
        }

        switch (act.Kind)
        {
            case ActKind.Retry:
                return Retry(slot);
            case ActKind.Activate when slot.State.Active?.Release == act.Release:
                return null;
            case ActKind.Activate when slot.State.Previous is not { } previous || previous.Release != act.Release:
                return (404, $"Release {act.Release} of {act.Slot} is not on this device, which keeps the one that judges and the one before; bring it by the settings or the inbox.");
            default:
                return slot.RollBack() is { } sentence ? (409, sentence) : null;
        }
    }

    /// <summary>Takes back the floors that this device reported before, should its own be lost.</summary>
    public void TakeReported(JsonObject reported) => OnDisk("floors", () => parts.Trust.TakeReported(reported["floors"] as JsonObject));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in slots.Values)
        {
            slot.Dispose();
        }

        trust.Dispose();
        parts.DeviceKey.Dispose();
    }

    /// <summary>A root, a grant or a model was taken: what was refused for want of it is looked at again.</summary>
    public void Reconsider() => OnDisk("refusals", () =>
    {
        foreach (var slot in slots.Values)
        {
            parts.Slots.Forget(slot.RefusedByCircumstance);
            slot.Reconsider(TargetOf(slot.Id));
        }
    });

    /// <summary>Looks at the device key, the inbox, and what commands left; tries again what a disk did not take.</summary>
    internal async Task LookOnceAsync(CancellationToken token)
    {
        await OpenDeviceKeyAsync(token);
        (string Whose, Action Act)[] looks = [("inbox", LookAtInbox), ("commands", () => acts.Take(act => Do(act)))];
        foreach (var (whose, act) in waiting.Select(w => (w.Key, w.Value.Act)).UnionBy(looks, look => look.Item1).ToList())
        {
            OnDisk(whose, act);
        }
    }

    private void LookAtInbox()
    {
        if (inbox.Look((slot, candidate) => Slot(slot).Ask(candidate)))
        {
            Reconsider();
            parts.Changed();
        }
    }

    private SlotUpdater Slot(SlotId id)
    {
        lock (gate)
        {
            if (!slots.TryGetValue(id, out var slot))
            {
                slot = new SlotUpdater(id, parts);
                slots = slots.Add(id, slot);
                running = isRunning ? running.Add(id, slot.RunAsync(ending)) : running;
            }

            return slot;
        }
    }

    /// <summary>Does something that a disk may refuse: then it waits for the next look. That is reported, and logged once, not with each try.</summary>
    /// <param name="whose">Acts, as they are reported: settings, inbox, commands.</param>
    private void OnDisk(string whose, Action act)
    {
        lock (disk)
        {
            try
            {
                act();
                if (waiting.TryRemove(whose, out _))
                {
                    parts.Changed();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                var (outcome, before) = (StepOutcome.OnDisk(e.Message), waiting.GetValueOrDefault(whose).Outcome);
                waiting[whose] = (outcome, act);
                if (outcome != before)
                {
                    parts.Logger.DiskRefuses(whose, e.Message);
                    parts.Changed();
                }
            }
        }
    }

    private PackageAddress? TargetOf(SlotId slot) => slot.Adapter is { } name ? targets.Adapters.GetValueOrDefault(name) : targets.Model;

    private void Use(SlotUpdater slot, PackageAddress? target)
    {
        var wish = target is null ? null : new PackageWish(target.Release, target.Url.ToString(), target.Sha256, target.Retry);
        if (wish == slot.State.Wish)
        {
            // another query: what waits for it goes on
            slot.Wake();
        }
        else if (wish is null)
        {
            slot.Unwish();
        }
        else
        {
            var isAct = !parts.Slots.IsNew || slot.State.Wish is not null;
            slot.Ask(new Candidate(wish.Sha256, wish.Release, wish.Url, UpdateOrigin.Settings, isAct, parts.Clock.GetUtcNow(), UpdateStep.Fetch), wish);
        }
    }

    private (int, string)? Retry(SlotUpdater slot)
    {
        if (slot.State.Refused.IsEmpty && slot.State.Candidate is null)
        {
            return (409, $"Nothing of {slot.Id} was refused or waits.");
        }

        parts.Slots.Forget(slot.State.Refused.Select(r => r.Sha256));
        if (TargetOf(slot.Id) is { } target && slot.State.RefusalOf(target.Sha256) is not null)
        {
            slot.Ask(new Candidate(target.Sha256, target.Release, target.Url.ToString(), UpdateOrigin.Settings, ByOperator: true, parts.Clock.GetUtcNow(), UpdateStep.Fetch));
        }

        slot.Wake();
        return null;
    }

    private async Task LookAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(Interval, parts.Clock);
        do
        {
            await LookOnceAsync(token);
        }
        while (await timer.WaitForNextTickAsync(token));
    }

    private async Task OpenDeviceKeyAsync(CancellationToken token)
    {
        var before = parts.DeviceKey.Status;
        if (before.State == DeviceKeyState.Ready)
        {
            return;
        }

        var status = await parts.DeviceKey.OpenAsync(token);
        if (status.State == DeviceKeyState.Ready)
        {
            trust.Wake();
            Reconsider();
        }
        else if (status.NeedsOperator && status.Sentence != before.Sentence)
        {
            parts.Logger.DeviceKeyNotReady(status.Sentence);
        }

        if (status != before)
        {
            parts.Changed();
        }
    }

    /// <summary>Ends with the fault of a slot: its process is started anew.</summary>
    private async Task FaultedAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(Interval, parts.Clock);
        while (await timer.WaitForNextTickAsync(token))
        {
            if (running.Values.FirstOrDefault(task => task.IsFaulted) is { } faulted)
            {
                await faulted;
            }
        }
    }
}
