using System.Security.Cryptography;
using EdgeGateway.Hub;

namespace EdgeGateway.Updates.Keys;

/// <summary>Seals with the workload API, so with a key of the device that only this generation of the module's identity can use. Owns the API.</summary>
internal sealed class WorkloadKeySealer(WorkloadApi workload) : IKeySealer, IDisposable
{
    /// <summary>What <see cref="Kind"/> says.</summary>
    public const string Name = "workload";

    /// <summary>In front of what was sealed: a new one each time, for the cipher gives itself away with a second use.</summary>
    private const int VectorSize = 12;
    private const int Forbidden = 403;

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public async Task<byte[]> SealAsync(ReadOnlyMemory<byte> secret, CancellationToken token)
    {
        var vector = RandomNumberGenerator.GetBytes(VectorSize);
        return [.. vector, .. await workload.EncryptAsync(secret, vector, token)];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The daemon answers 500 to what it cannot decrypt as well as to its own trouble, so the status alone tells nothing: it cannot be decrypted when the API decrypts
    /// what it has just encrypted, and after that refuses this a second time.
    /// </remarks>
    public async Task<byte[]?> UnsealAsync(ReadOnlyMemory<byte> sealedSecret, CancellationToken token)
    {
        if (await TryDecryptAsync(sealedSecret, token) is { } secret)
        {
            return secret;
        }

        var probe = RandomNumberGenerator.GetBytes(VectorSize);
        return await TryDecryptAsync(await SealAsync(probe, token), token) is { } back && back.AsSpan().SequenceEqual(probe)
            ? await TryDecryptAsync(sealedSecret, token)
            : throw new IOException("The workload API does not decrypt what it has just encrypted; look at the IoT Edge runtime of this device (iotedge check).");
    }

    /// <inheritdoc/>
    public void Dispose() => workload.Dispose();

    /// <summary>Null when the API answers that it does not.</summary>
    private async Task<byte[]?> TryDecryptAsync(ReadOnlyMemory<byte> sealedSecret, CancellationToken token)
    {
        var vector = Math.Min(VectorSize, sealedSecret.Length);
        try
        {
            return await workload.DecryptAsync(sealedSecret[vector..], sealedSecret[..vector], token);
        }
        catch (WorkloadException e) when (e.Status is not (null or Forbidden))
        {
            return null;
        }
    }
}
