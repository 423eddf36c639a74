namespace EdgeGateway.Hub;

/// <summary>Whether the workload API is there at all.</summary>
internal enum WorkloadFault
{
    /// <summary>No socket, or nobody behind it: after some tries only a new start of this module helps, which mounts the socket anew.</summary>
    Unreachable,

    /// <summary>It is there but did not do what was asked: later it may.</summary>
    Failed,
}

/// <summary>A call of the workload API that did not succeed; the message is one sentence.</summary>
internal sealed class WorkloadException(WorkloadFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What may be done about it.</summary>
    public WorkloadFault Fault { get; } = fault;

    /// <summary>The status of an answer that refused; null: there was no whole answer.</summary>
    public int? Status { get; init; }
}

/// <summary>A certificate and its key.</summary>
/// <param name="Chain">PEM, the server's own first.</param>
/// <param name="Key">PEM, PKCS#8; a secret.</param>
internal sealed record ServerCertificate(string Chain, string Key, DateTimeOffset Expiry)
{
    /// <summary>A key never shows itself.</summary>
    public override string ToString() => $"certificate until {Expiry:O}";
}
