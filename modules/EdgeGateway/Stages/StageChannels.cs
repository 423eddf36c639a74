using System.Threading.Channels;
using EdgeGateway.Ingest;

namespace EdgeGateway.Stages;

/// <summary>
/// The channels between the stages: one writer and one reader each, all bounded, all waiting when full. So a slow stage holds up the one before it, and in the end the
/// broker; nothing is dropped between stages.
/// </summary>
internal sealed class StageChannels
{
    /// <summary>Other settings -> Ingest, which puts them between two messages. Only the newest count: they are never refused and never wait behind questions.</summary>
    public Channel<StageEvent> Settings { get; } = Channel.CreateBounded<StageEvent>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Questions from outside -> Ingest, which puts each between two messages. Several writers.</summary>
    public Channel<StageEvent> Questions { get; } = Channel.CreateBounded<StageEvent>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Ingest -> Windows.</summary>
    public Channel<IngestItem> Readings { get; } = Bounded<IngestItem>(8192);

    /// <summary>Windows -> Prompts.</summary>
    public Channel<StageEvent> Windows { get; } = Bounded<StageEvent>(256);

    /// <summary>Prompts -> Verdicts: as much as the model works through in about a second.</summary>
    public Channel<StageEvent> Prompts { get; } = Bounded<StageEvent>(1024);

    /// <summary>Verdicts -> Alerts.</summary>
    public Channel<StageEvent> Verdicts { get; } = Bounded<StageEvent>(256);

    /// <summary>Alerts -> Delivery.</summary>
    public Channel<StageEvent> Alerts { get; } = Bounded<StageEvent>(256);

    private static Channel<T> Bounded<T>(int capacity) =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true, SingleWriter = true });
}
