namespace EdgeGateway.Stages;

/// <summary>
/// What flows from stage to stage behind Ingest: the results of one stage, notices beside them, and checkpoints. A stage replaces what it works on and passes on
/// everything else unchanged and in order.
/// </summary>
internal abstract record StageEvent;
