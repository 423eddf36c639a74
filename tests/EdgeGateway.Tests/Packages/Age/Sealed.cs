using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>Sealed files in memory.</summary>
internal static class Sealed
{
    public const int Chunk = 64 * 1024;

    /// <summary>Length of the header for one X25519 recipient, and of the nonce behind it.</summary>
    public const int HeaderLength = 22 + 98 + 48;
    public const int Nonce = 16;

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Seal(byte[] plain, params X25519Recipient[] recipients)
    {
        using var file = new MemoryStream();
        AgeWriter.Seal(new MemoryStream(plain), file, recipients);
        return file.ToArray();
    }

    public static byte[] Open(byte[] file, params X25519Identity[] identities)
    {
        using var plain = new MemoryStream();
        AgeReader.Open(new MemoryStream(file), identities, plain);
        return plain.ToArray();
    }

    /// <summary>Opens into memory that held ones before.</summary>
    public static unsafe byte[] OpenInto(byte[] plain, byte[] file, params X25519Identity[] identities)
    {
        plain.AsSpan().Fill(0xff);
        fixed (byte* memory = plain)
        {
            AgeReader.Open(new MemoryStream(file), identities, memory, plain.Length);
        }

        return plain;
    }

    public static SealingFailure Refused(Action open) => Assert.Throws<SealingException>(open).Failure;
}
