namespace EdgeGateway.Updates.Keys;

/// <summary>Seals small secrets for this device, so that they can lie on its disk.</summary>
internal interface IKeySealer
{
    /// <summary>Written beside what it sealed: <c>workload</c> or <c>file</c>.</summary>
    string Kind { get; }

    /// <summary>Seals a secret.</summary>
    /// <exception cref="IOException">It is not available now; the message is one sentence.</exception>
    Task<byte[]> SealAsync(ReadOnlyMemory<byte> secret, CancellationToken token);

    /// <summary>The secret again, which the caller clears; null: it can never be unsealed here any more.</summary>
    /// <exception cref="IOException">It is not available now, which says nothing about the secret; the message is one sentence.</exception>
    Task<byte[]?> UnsealAsync(ReadOnlyMemory<byte> sealedSecret, CancellationToken token);
}
