using System.Security.Cryptography;
using EdgeGateway.Hub;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Updates.Keys;

/// <summary>
/// The key by which this device is granted the keys of groups: X25519, made on the first start, and a new one by <c>EdgeGateway keys new</c> alone. What sealed it is written
/// beside it and stays so. One caller at a time; <see cref="Status"/> may be read by all.
/// </summary>
internal sealed class DeviceKey : IDisposable
{
    private readonly DeviceKeyFile file;
    private readonly IReadOnlyList<IKeySealer> sealers;
    private readonly TrustLog log;

    /// <param name="folder">The folder of updates within the data folder.</param>
    /// <param name="sealers">What is there to seal with; the first seals new keys. Disposed with this.</param>
    public DeviceKey(string folder, IReadOnlyList<IKeySealer> sealers, TrustLog log) => (file, this.sealers, this.log) = (new DeviceKeyFile(folder), sealers, log);

    /// <summary>What is known of it.</summary>
    public DeviceKeyStatus Status { get; private set; } = new(DeviceKeyState.Unavailable, null, null, "The device key was not opened yet.");

    /// <summary>The key itself; null unless it is ready.</summary>
    public X25519Identity? Identity { get; private set; }

    /// <summary>The key of a process: sealed by the workload API where the environment has one, else by the permissions of its file.</summary>
    public static DeviceKey Of(string folder, HubEnvironment? environment, TimeProvider clock, TrustLog log) => new(
        folder,
        environment is { Credential: HubCredential.Workload runtime, Identity.Module: { } module }
            ? [new WorkloadKeySealer(new WorkloadApi(runtime.Address, module, runtime.Generation, clock)), new FileKeySealer()]
            : [new FileKeySealer()],
        log);

    /// <summary>Opens the key unless it is open, and makes one when there never was one. To be called again while it is not ready.</summary>
    public Task<DeviceKeyStatus> OpenAsync(CancellationToken token) => TryAsync(make: true, token);

    /// <summary>Opens the key unless it is open, and makes none.</summary>
    public Task<DeviceKeyStatus> LookAsync(CancellationToken token) => TryAsync(make: false, token);

    /// <summary>Makes a new key in place of the one that is there, which is kept in a file beside it.</summary>
    /// <exception cref="IOException">It could not be sealed or kept, and nothing has changed; the message is one sentence.</exception>
    public async Task<DeviceKeyStatus> RenewAsync(CancellationToken token)
    {
        var identity = X25519Identity.New();
        var secret = GC.AllocateArray<byte>(X25519Identity.TextLength, pinned: true);
        try
        {
            identity.WriteText(secret);
            file.Write(new SealedDeviceKey(sealers[0].Kind, identity.Recipient, await sealers[0].SealAsync(secret, token)));
        }
        catch
        {
            identity.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        log.Note("made", $"device key {identity.Recipient.Fingerprint}", sentence: $"Sealed by {sealers[0].Kind}.");
        Identity?.Dispose();
        Identity = identity;
        return Status = new DeviceKeyStatus(DeviceKeyState.Ready, sealers[0].Kind, identity.Recipient, "");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity?.Dispose();
        foreach (var sealer in sealers.OfType<IDisposable>())
        {
            sealer.Dispose();
        }
    }

    private async Task<DeviceKeyStatus> TryAsync(bool make, CancellationToken token)
    {
        if (Identity is not null)
        {
            return Status;
        }

        var key = file.Read(out var problem);
        try
        {
            return problem is not null ? Status = new DeviceKeyStatus(DeviceKeyState.Unusable, null, null, problem)
                : key is not null ? Status = await UnsealAsync(key, token)
                : make ? await RenewAsync(token)
                : Status = new DeviceKeyStatus(DeviceKeyState.Unavailable, null, null, "There is no device key yet: the gateway makes it at its first start.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Status = new DeviceKeyStatus(DeviceKeyState.Unavailable, key?.Kind, key?.Recipient, e.Message);
        }
    }

    private async Task<DeviceKeyStatus> UnsealAsync(SealedDeviceKey key, CancellationToken token)
    {
        var sealer = sealers.FirstOrDefault(s => s.Kind == key.Kind)
            ?? throw new IOException($"The device key is sealed by the workload API, and this process has none; run it as the module whose key it is, or make a new key with EdgeGateway keys new.");
        if (await sealer.UnsealAsync(key.Sealed, token) is not { } secret)
        {
            return new DeviceKeyStatus(DeviceKeyState.Undecryptable, key.Kind, key.Recipient,
                $"The device key {key.Recipient.Fingerprint} cannot be decrypted any more, because the module's identity was made anew or the file is another one: "
                    + "make a new key with EdgeGateway keys new, confirm its fingerprint and have the device granted again.");
        }

        var identity = X25519Identity.Parse(secret);
        CryptographicOperations.ZeroMemory(secret);
        if (identity?.Recipient != key.Recipient)
        {
            identity?.Dispose();
            return new DeviceKeyStatus(DeviceKeyState.Unusable, key.Kind, key.Recipient,
                $"{file.Path} is damaged: its secret is not that of its public key; bring it back from a backup of this device, or make a new key with EdgeGateway keys new.");
        }

        Identity = identity;
        return new DeviceKeyStatus(DeviceKeyState.Ready, key.Kind, key.Recipient, "");
    }
}
