using System.Collections.Immutable;
using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Fetching;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates;

/// <summary>What the slots share.</summary>
internal sealed record UpdateParts(
    SlotsFile Slots, PackageStore Store, TrustStore Trust, TrustLog Log, DeviceKey DeviceKey, GroupKeys Keys, ModelHost Host, StartWatch Starts, TimeProvider Clock, Random Jitter, ILogger Logger)
{
    /// <summary>By which ways what is opened could still come into a file.</summary>
    public required MemoryProtection Memory { get; init; }

    /// <summary>The windows of the image.</summary>
    public required Lazy<CanonicalWindows> Canonical { get; init; }

    /// <summary>What a proof must show here.</summary>
    public required ProofLimits Limits { get; init; }

    /// <summary>What operators set in place of a model's own, as it is now.</summary>
    public required Func<DetectionSettings> Detection { get; init; }

    /// <summary>Bytes of memory that this process may still take.</summary>
    public required Func<long> FreeMemory { get; init; }

    /// <summary>Groups that this device belongs to, granted or not.</summary>
    public required Func<ImmutableArray<string>> Groups { get; init; }

    /// <summary>Fetches over https.</summary>
    public required Fetcher Fetcher { get; init; }

    /// <summary>What the address of a slot's package is continued with now; null: nothing.</summary>
    public required Func<SlotId, string?> Query { get; init; }

    /// <summary>Puts another model in force while no window is judged.</summary>
    public required Func<Action, CancellationToken, Task> WithStagesStopped { get; init; }

    /// <summary>The image's model, for when no package is active.</summary>
    public required Func<LoadedModel> LoadOwn { get; init; }

    /// <summary>Something changed that is reported.</summary>
    public required Action Changed { get; init; }

    /// <summary>Another model is in force: adapters are opened anew.</summary>
    public required Action ModelChanged { get; init; }

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private SemaphoreSlim Heavy { get; } = new(1, 1);

    /// <summary>Does what fills memory or processors on another thread, one such thing in the process at a time.</summary>
    public async Task<StepOutcome> HeavilyAsync(Func<StepOutcome> step, CancellationToken token)
    {
        await Heavy.WaitAsync(token);
        try
        {
            return await Task.Run(step, token);
        }
        finally
        {
            Heavy.Release();
        }
    }

    /// <summary>How long to wait before the next try: a chance time whose bound doubles from 15 seconds to an hour, so that a fleet does not come back at once.</summary>
    /// <param name="failures">In a row, before this one.</param>
    public TimeSpan PauseAfter(int failures) =>
        TimeSpan.FromTicks((long)(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(failures, 16)) * (0.5 + (Jitter.NextDouble() / 2))));

    /// <summary>The security epoch below which nothing of a slot is taken.</summary>
    public int EpochFloor(PackageKind kind, string name) => Trust.Current?.FloorOf(new PackageSlot(kind, name)).Epoch ?? 0;

    /// <summary>Removes from the store what no slot needs any more.</summary>
    public void CleanUp() => Store.KeepOnly(Slots.All.SelectMany(slot => Slots[slot].Needed).ToHashSet(StringComparer.Ordinal));
}
