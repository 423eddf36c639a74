using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Twin;

/// <summary>What the twin is to the rest of the gateway.</summary>
/// <param name="Apply">Puts what was read in force, if it can be used; returns when it is, or when that takes too long to wait for.</param>
/// <param name="Own">What is reported beside the sections: the heartbeat, which is small, and what <see cref="LayeredSettings.Own"/> names besides.</param>
/// <param name="TakeReported">Told what a whole twin says that was reported before, and before anything else is.</param>
internal sealed record TwinUse(Func<SettingsReadResult, CancellationToken, Task> Apply, Func<JsonObject> Own, Action<JsonObject> TakeReported);

/// <summary>
/// Keeps the settings at what the twin says: reads it on every connect, on a gap between versions, and from time to time, merges changes, applies what is good section by
/// section, and reports what became of each.
/// </summary>
internal sealed class TwinWorker : IDisposable
{
    /// <summary>Changes that may wait; beyond, the whole is read instead.</summary>
    private const int MostWaiting = 64;

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromHours(1);

    private readonly IHubClient hub;
    private readonly LayeredSettings layers;
    private readonly LastGoodFile file;
    private readonly TwinUse use;
    private readonly TimeProvider clock;
    private readonly Accounting accounting;
    private readonly ILogger logger;
    private readonly ReportedProperties reported;
    private readonly RefreshSchedule schedule;
    private readonly DesiredTwin desired = new();
    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly Channel<ReadOnlyMemory<byte>> changes = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private volatile bool changesMissed;

    /// <param name="good">What an earlier run knew of this identity's twin; null for nothing.</param>
    public TwinWorker(IHubClient hub, LayeredSettings layers, LastGoodFile file, LastGood? good, TwinUse use, TimeProvider clock, Random jitter, Accounting accounting, ILogger logger)
    {
        (this.hub, this.layers, this.file, this.use, this.clock, this.accounting, this.logger) = (hub, layers, file, use, clock, accounting, logger);
        (reported, schedule) = (new ReportedProperties(hub, clock, jitter, logger), new RefreshSchedule(clock, jitter));
        if (good?.Version is { } version)
        {
            desired.Restore(version, good.Desired);
        }
    }

    /// <summary>Version of the desired properties that is known; null before any is.</summary>
    public long? Version => desired.Version;

    /// <summary>Applies changes, reads the whole from time to time and reports, until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task[] running = [TakeChangesAsync(any.Token), schedule.RunAsync(TryRefreshAsync, any.Token), BeatAsync(any.Token), reported.RunAsync(any.Token)];
        await Task.WhenAny(running);
        await any.CancelAsync();
        await Task.WhenAll(running);
    }

    /// <summary>Reads the whole twin on a connection that was just made.</summary>
    /// <exception cref="HubException">The connection gives no answer, and is to be made again.</exception>
    public async Task ConnectedAsync(CancellationToken token)
    {
        reported.Disconnected();
        try
        {
            await RefreshAsync(token);
        }
        catch (HubException e) when (e.Fault != HubFault.Unavailable)
        {
            // a hub that is too busy is not helped by another connection
            logger.NoTwin(e.Message);
            schedule.Soon();
        }
    }

    /// <summary>There is no connection any more.</summary>
    public void Disconnected() => reported.Disconnected();

    /// <summary>Takes a change as it came; it is looked at soon. Where too many wait it is left out, and the whole is read after those.</summary>
    public void Changed(ReadOnlyMemory<byte> patch)
    {
        if (!changes.Writer.TryWrite(patch))
        {
            Count("left out");
            changesMissed = true;
        }
    }

    /// <summary>Reports what there is to say now, unless nothing is known yet of the sections.</summary>
    public void Say()
    {
        // while nothing is known, what an earlier run said still holds
        if (!layers.Statuses.IsEmpty)
        {
            reported.Say(layers.Report(use.Own()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reported.Dispose();
        oneAtATime.Dispose();
    }

    private async Task TakeChangesAsync(CancellationToken token)
    {
        await foreach (var patch in changes.Reader.ReadAllAsync(token))
        {
            var result = await TakeAsync(patch, token);
            if (result == PatchResult.Gap || changesMissed)
            {
                changesMissed = false;
                if (!await TryRefreshAsync(token))
                {
                    schedule.Soon();
                }
            }
        }
    }

    private async Task<PatchResult> TakeAsync(ReadOnlyMemory<byte> patch, CancellationToken token)
    {
        await oneAtATime.WaitAsync(token);
        try
        {
            var result = desired.TakePatch(TwinJson.Parse(patch));
            Count(result switch { PatchResult.Merged => "merged", PatchResult.Old => "old", _ => "gap" });
            if (result == PatchResult.Merged)
            {
                await ApplyAsync(token);
            }

            return result;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private void Count(string reason) => accounting.Of("twin.changes", reason: reason).Add();

    /// <summary>False when there was no answer.</summary>
    private async Task<bool> TryRefreshAsync(CancellationToken token)
    {
        try
        {
            await RefreshAsync(token);
            return true;
        }
        catch (HubException e)
        {
            logger.NoTwin(e.Message);
            return false;
        }
    }

    private async Task RefreshAsync(CancellationToken token)
    {
        await oneAtATime.WaitAsync(token);
        try
        {
            if (TwinJson.Parse(await hub.GetTwinAsync(token)) is not { } twin || twin["desired"] is not JsonObject whole)
            {
                logger.TwinUnreadable();
                reported.Connected();
                layers.Unreadable(desired.Version ?? 0);
                Say();
                schedule.Soon();
                return;
            }

            var before = twin["reported"] as JsonObject ?? [];
            use.TakeReported(before);
            reported.TakeWhole(before);
            var (version, known) = (desired.Version, desired.Properties);
            if (desired.TakeWhole(whole) && (version != desired.Version || layers.Statuses.IsEmpty || !JsonNode.DeepEquals(known, desired.Properties)))
            {
                await ApplyAsync(token);
            }
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private async Task ApplyAsync(CancellationToken token)
    {
        var read = layers.Take(desired.Version!.Value, desired.Properties);
        logger.DesiredTaken(desired.Version.Value, layers.Good.Count);
        foreach (var (name, status) in layers.Statuses.Where(s => s.Value.Status != 200))
        {
            logger.SectionNotTaken(name, status.Version, status.Status, status.Error);
        }

        if (read.Settings is not null && file.Write(new LastGood(hub.Identity, desired.Version, desired.Properties, layers.Good, layers.Site)) is { } problem)
        {
            logger.LastGoodNotWritten(problem);
        }

        try
        {
            await use.Apply(read, token);
        }
        finally
        {
            Say();
        }
    }

    private async Task BeatAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval, clock);
        while (await timer.WaitForNextTickAsync(token))
        {
            Say();
        }
    }
}
