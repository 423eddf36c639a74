namespace EdgeGateway.Delivery;

/// <summary>An entry that a sink can never deliver, however often it is tried, such as one that the other side finds too large: it is put aside with this reason, and the next one follows.</summary>
internal sealed class DeadLetterException(string reason, Exception? inner = null) : Exception(reason, inner);
