namespace EdgeGateway.Packages.Json;

/// <summary>A payload that breaks a rule. The message says where and what, without a full stop: <c>$.release is 1.0, not a whole number of 1 to 2147483647</c>.</summary>
internal sealed class StrictJsonException(string message, bool needsNewerReader = false) : Exception(message)
{
    /// <summary>Whether nothing is known to be wrong with it, but a newer reader is needed.</summary>
    public bool NeedsNewerReader { get; } = needsNewerReader;
}
