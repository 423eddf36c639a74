using EdgeGateway.Verdicts;

namespace EdgeGateway.Models;

/// <summary>A judge in its place, from being put in until being taken out.</summary>
/// <param name="Judge">Used by one thread at a time.</param>
/// <param name="Versions">What its verdicts say.</param>
/// <param name="Adapter">Null for the model alone.</param>
internal sealed record JudgeSeat(IVerdictModel Judge, JudgeVersions Versions, LoadedAdapter? Adapter) : IDisposable
{
    /// <summary>Ends with its first verdict.</summary>
    public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public void Dispose() => Judge.Dispose();
}
