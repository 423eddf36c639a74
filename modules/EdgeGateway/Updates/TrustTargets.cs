using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Fetching;
using EdgeGateway.Updates.Steps;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates;

/// <summary>Brings the roots and grants that the settings name. What is refused stays refused until they name another one, or the process starts anew: these files are small.</summary>
internal sealed class TrustTargets(string folder, UpdateParts parts, Action taken) : IDisposable
{
    private readonly string incoming = Path.Combine(folder, "incoming");
    private readonly Signal signal = new(parts.Clock);
    private readonly ConcurrentDictionary<string, StepOutcome> waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<FileAddress, StepOutcome> refused = [];
    private volatile UpdateTargets targets = UpdateTargets.None;
    private int failures;

    /// <summary>What there is to say of the root ("root") and of groups, by name ("keys-line-a").</summary>
    public IReadOnlyDictionary<string, StepOutcome> Waiting => waiting;

    /// <summary>Wants these from now on.</summary>
    public void Use(UpdateTargets wanted)
    {
        targets = wanted;
        Wake();
    }

    /// <summary>Looks again at once.</summary>
    public void Wake()
    {
        failures = 0;
        signal.Set();
    }

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (true)
        {
            await signal.WaitAsync(await AdvanceAsync(targets, token), token);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => signal.Dispose();

    /// <summary>Brings what is missing; gives how long nothing more is to be done, unless somebody acts.</summary>
    private async Task<TimeSpan> AdvanceAsync(UpdateTargets wanted, CancellationToken token)
    {
        var outcomes = new Dictionary<string, StepOutcome>(StringComparer.Ordinal);
        if (wanted.Root is { } root)
        {
            outcomes["root"] = await TryAsync(() => BringRootAsync(root, token));
        }

        foreach (var (group, address) in wanted.Grants)
        {
            outcomes[$"keys-{group}"] = await TryAsync(() => BringGrantAsync(group, address, token));
        }

        var changed = outcomes.Count != waiting.Count || outcomes.Any(o => !o.Value.Equals(waiting.GetValueOrDefault(o.Key)));
        waiting.Clear();
        foreach (var (name, outcome) in outcomes)
        {
            waiting[name] = outcome;
            if (changed && outcome.End != StepEnd.Done)
            {
                parts.Logger.TrustWaits(name, outcome.Code, outcome.Sentence);
            }
        }

        if (changed)
        {
            parts.Changed();
        }

        var pauses = outcomes.Values.Where(o => o.End == StepEnd.Waits).Select(o => o.After).ToList();
        return pauses.Count == 0 ? Timeout.InfiniteTimeSpan : pauses.Min() ?? parts.PauseAfter(failures++);
    }

    private static async Task<StepOutcome> TryAsync(Func<Task<StepOutcome>> bring)
    {
        try
        {
            return await bring();
        }
        catch (IOException e)
        {
            return StepOutcome.OnDisk($"The disk does not take it: {e.Message} Make room or mend the disk.");
        }
    }

    /// <summary>One version after the other: those between lie beside the one that is asked for.</summary>
    private async Task<StepOutcome> BringRootAsync(FileAddress wanted, CancellationToken token)
    {
        while (parts.Trust.Current is { } trust && trust.Root.Version < wanted.Number)
        {
            var next = trust.Root.Version + 1;
            var isLast = next == wanted.Number;
            var address = isLast ? wanted : wanted with { Number = next, Url = new Uri(wanted.Url, $"root.{next}.json"), Sha256 = "" };
            var outcome = await BringAsync(address, Envelope.MaxBytes, bytes => parts.Trust.TryTakeRoot(bytes, isLast ? wanted.Sha256 : null, out var refusal) ? null : refusal, token);
            if (outcome.End != StepEnd.Done)
            {
                return outcome;
            }

            taken();
        }

        return parts.Trust.Current is not null ? StepOutcome.Done : StepOutcome.Waits("no-root", PackageLoader.NoRoot);
    }

    private async Task<StepOutcome> BringGrantAsync(string group, FileAddress wanted, CancellationToken token)
    {
        if (parts.Keys.Held().Any(held => (held.Group, held.Epoch) == (group, wanted.Number)))
        {
            return StepOutcome.Done;
        }

        var outcome = await BringAsync(wanted, Grant.MostBytes, bytes => parts.Keys.Take(bytes, group, wanted.Number), token);
        if (outcome.End == StepEnd.Done)
        {
            taken();
        }

        return outcome;
    }

    private async Task<StepOutcome> BringAsync(FileAddress address, long most, Func<byte[], Refusal?> take, CancellationToken token)
    {
        if (refused.TryGetValue(address, out var before))
        {
            return before;
        }

        var result = await parts.Fetcher.FetchAsync(new FetchTarget(address.Url, address.Query, most, null, address.Sha256.Length > 0 ? address.Sha256 : null), incoming, _ => { }, token);
        if (StepOutcome.Of(result) is { End: not StepEnd.Done } missing)
        {
            return missing;
        }

        try
        {
            var outcome = take(await File.ReadAllBytesAsync(incoming, token)) is { } refusal ? StepOutcome.Of(refusal) : StepOutcome.Done;
            if (outcome.End == StepEnd.Refused)
            {
                refused[address] = outcome;
            }

            return outcome;
        }
        finally
        {
            File.Delete(incoming);
        }
    }
}
