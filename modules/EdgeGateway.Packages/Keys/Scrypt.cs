using System.Runtime.InteropServices;

namespace EdgeGateway.Packages.Keys;

/// <summary>scrypt (RFC 7914), r = 8, p = 1. From the libsodium that NSec brings: NSec's own takes no salt but one of 32 bytes, and age's has 44.</summary>
internal static partial class Scrypt
{
    /// <summary>Derives a key; takes 2^<paramref name="workFactor"/> KiB of memory and about 4 microseconds for each of them.</summary>
    /// <exception cref="InsufficientMemoryException">That memory is not there.</exception>
    public static void Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int workFactor, Span<byte> key)
    {
        // libsodium looks for the processor's vector instructions here; again is harmless
        if (Initialize() < 0
            || Derive(passphrase, (nuint)passphrase.Length, salt, (nuint)salt.Length, 1ul << workFactor, 8, 1, key, (nuint)key.Length) != 0)
        {
            throw new InsufficientMemoryException($"Deriving a key from the passphrase takes {(1 << workFactor) / 1024} MiB of memory, which this machine does not have free.");
        }
    }

    [LibraryImport("libsodium", EntryPoint = "sodium_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Initialize();

    [LibraryImport("libsodium", EntryPoint = "crypto_pwhash_scryptsalsa208sha256_ll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Derive(
        ReadOnlySpan<byte> passphrase, nuint passphraseLength, ReadOnlySpan<byte> salt, nuint saltLength, ulong cost, uint blockSize, uint parallelization, Span<byte> key, nuint keyLength);
}
