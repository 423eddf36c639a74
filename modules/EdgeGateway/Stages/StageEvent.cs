namespace EdgeGateway.Stages;

/// <summary>
/// What flows from stage to stage behind Ingest: the results of one stage, notices beside them, and checkpoints. A stage replaces what it works on and passes on
/// everything else unchanged and in order.
/// </summary>
internal abstract record StageEvent;

/// <summary>What somebody asked of a stage, who waits for the answer. It goes the way of the readings, and is answered once everything that follows from it is in the outbox.</summary>
internal abstract record StageCommand : StageEvent
{
    /// <summary>Hands the answer out; the last stage calls it.</summary>
    public abstract void Answered();
}
