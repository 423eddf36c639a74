namespace EdgeGateway.Packages.Age;

/// <summary>A small secret of a person in an age file with a passphrase (scrypt): a signing key, the identity of a group. <c>age -d</c> opens it.</summary>
public static class PassphraseFile
{
    /// <summary>What age itself takes: 256 MiB of memory and about a second.</summary>
    private const int WorkFactor = 18;

    /// <summary>Seals a secret.</summary>
    /// <param name="passphrase">UTF-8; not empty.</param>
    /// <exception cref="InsufficientMemoryException">256 MiB are not free.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> secret, byte[] passphrase) => Seal(secret, passphrase, WorkFactor);

    /// <summary>Opens what <c>Seal</c> or <c>age -p</c> made, with a work factor of at most 20; the caller clears the secret.</summary>
    /// <param name="passphrase">UTF-8.</param>
    /// <exception cref="SealingException">It was refused; <see cref="SealingFailure.NoKey"/>: another passphrase.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that the file's work factor asks for, at most a gigabyte, is not free.</exception>
    public static byte[] Open(byte[] file, byte[] passphrase) => AgeReader.Open(file, (header, fileKey) => ScryptStanza.Unwrap(header, passphrase, fileKey));

    /// <summary>Seals a secret; tests take less work.</summary>
    internal static byte[] Seal(ReadOnlySpan<byte> secret, byte[] passphrase, int workFactor)
    {
        ArgumentOutOfRangeException.ThrowIfZero(passphrase.Length);
        return AgeWriter.Seal(secret, fileKey => [ScryptStanza.Wrap(fileKey, passphrase, workFactor)]);
    }
}
