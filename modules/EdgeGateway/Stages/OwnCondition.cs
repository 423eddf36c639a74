namespace EdgeGateway.Stages;

/// <summary>A condition of the gateway itself (family own): its broker connection, its clock.</summary>
/// <param name="Kind">broker, clock ...</param>
/// <param name="Text">One sentence for people.</param>
internal sealed record OwnCondition(string Kind, bool Active, DateTimeOffset At, string Text) : StageEvent;
