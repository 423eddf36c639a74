namespace EdgeGateway.Phi;

/// <summary>How a model folder is loaded.</summary>
public sealed class PhiModelOptions
{
    /// <summary>
    /// Spreads each call over the one pool of the process, which has a thread for each processor, the calling one included. Default false: a call stays on its thread, as one caller a
    /// core gives more verdicts a second. No thread spins while it waits.
    /// </summary>
    public bool UsePool { get; init; }

    /// <summary>Calls that compute at the same time; more of them wait. Default: as many as fill the machine.</summary>
    public int? Callers { get; init; }

    /// <summary>How products are computed. Default: in float.</summary>
    public ComputeForm Compute { get; init; } = ComputeForm.Float;

    /// <summary>Makes room for LoRA adapters (<see cref="PhiModel.LoadAdapter"/>). Default false: the room alone costs some percent of time.</summary>
    public bool Adapters { get; init; }

    /// <summary>Bytes that the model may take; one that needs more is refused before it is opened. Default: the container's limit, or the machine's memory.</summary>
    public long? MemoryLimit { get; init; }
}
