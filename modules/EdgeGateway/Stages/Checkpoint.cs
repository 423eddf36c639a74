namespace EdgeGateway.Stages;

/// <summary>
/// A mark in the stream: every reading before it, and none after it, is in the state that each stage writes when the mark passes. The Ingest stage makes it between two
/// messages, the last stage completes it. So a snapshot is one consistent cut without stopping the stream.
/// </summary>
/// <param name="JournalPosition">Last journal batch whose readings are before the mark; 0 without a journal.</param>
/// <param name="Snapshot">Where the stages write their part.</param>
internal sealed record Checkpoint(long JournalPosition, OpenSnapshot Snapshot) : StageEvent;
