namespace EdgeGateway.Storage;

/// <summary>What a snapshot stands for.</summary>
/// <param name="JournalPosition">Batches up to and including this one are in the snapshot; 0 without a journal.</param>
/// <param name="CreatedAt">When the cut was made, by our clock, UTC.</param>
public sealed record SnapshotHeader(long JournalPosition, DateTimeOffset CreatedAt);
