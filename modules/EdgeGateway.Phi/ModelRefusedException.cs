namespace EdgeGateway.Phi;

/// <summary>A model, tokenizer or weight file that cannot be used. The message is one sentence: which file, node or field, and what to do.</summary>
public sealed class ModelRefusedException(RefusalReason reason, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The kind of refusal, for programs.</summary>
    public RefusalReason Reason { get; } = reason;
}
