namespace EdgeGateway.Storage;

/// <summary>What a snapshot stands for.</summary>
/// <param name="JournalPosition">Batches up to and including this one are in the snapshot; 0 without a journal.</param>
/// <param name="CreatedAt">When the cut was made, by our clock, UTC; <see cref="DateTimeOffset.MinValue"/> when no gateway has run yet and its sensors are known from history alone.</param>
public sealed record SnapshotHeader(long JournalPosition, DateTimeOffset CreatedAt)
{
    /// <summary>Of a data folder that no gateway has run on.</summary>
    public static SnapshotHeader NeverObserved { get; } = new(0, DateTimeOffset.MinValue);

    /// <summary>The newest moment that is known to have been observed; null for none.</summary>
    public DateTimeOffset? ObservedUntil => CreatedAt == DateTimeOffset.MinValue ? null : CreatedAt;
}
