namespace EdgeGateway.Updates.Keys;

/// <summary>Seals nothing: the permissions of the file protect the secret. For devices without the IoT Edge runtime.</summary>
internal sealed class FileKeySealer : IKeySealer
{
    /// <summary>What <see cref="Kind"/> says.</summary>
    public const string Name = "file";

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public Task<byte[]> SealAsync(ReadOnlyMemory<byte> secret, CancellationToken token) => Task.FromResult(secret.ToArray());

    /// <inheritdoc/>
    public Task<byte[]?> UnsealAsync(ReadOnlyMemory<byte> sealedSecret, CancellationToken token) => Task.FromResult<byte[]?>(sealedSecret.ToArray());
}
