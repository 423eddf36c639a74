namespace EdgeGateway.Phi;

/// <summary>Why a model folder cannot be used.</summary>
public enum RefusalReason
{
    /// <summary>A file that the folder needs is not there.</summary>
    FileMissing,

    /// <summary>A file is not of its format.</summary>
    Malformed,

    /// <summary>genai_config.json disagrees with the graph, or with itself.</summary>
    Inconsistent,

    /// <summary>A sound model of a form that this version does not run.</summary>
    Unsupported,

    /// <summary>A file reference leads out of the folder.</summary>
    Escapes,

    /// <summary>The runtime could not load the graph.</summary>
    Runtime,
}

/// <summary>A model folder that is refused; the message is one sentence: what, where, what to do.</summary>
public sealed class ModelRefusedException(RefusalReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The class of the refusal.</summary>
    public RefusalReason Reason { get; } = reason;
}
