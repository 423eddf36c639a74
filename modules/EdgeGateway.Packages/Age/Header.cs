using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Packages.Age;

/// <summary>Header of an age file: the file key wrapped for every recipient, and a MAC under the file key.</summary>
/// <param name="Stanzas">At least one; when one of them is scrypt, it is the only one.</param>
/// <param name="Signed">What the MAC is over: from the first byte to <c>---</c>.</param>
/// <param name="Mac">32 bytes, HMAC-SHA-256.</param>
internal sealed record Header(ImmutableArray<Stanza> Stanzas, ImmutableArray<byte> Signed, ImmutableArray<byte> Mac)
{
    /// <summary>Bytes that are read of a header: 2,000 X25519 recipients take 192 KiB.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>First line, without its line feed.</summary>
    public const string VersionLine = "age-encryption.org/v1";

    /// <summary>Columns of a full line of a stanza's body.</summary>
    public const int Columns = 64;

    /// <summary>Reads the header in front of a file, and no byte of what follows it.</summary>
    /// <exception cref="SealingException">There is none, or it breaks a rule.</exception>
    public static Header Read(Stream file)
    {
        var bytes = new List<byte>(512);
        for (var line = 0; file.ReadByte() is var next and >= 0;)
        {
            bytes.Add((byte)next);
            if (next == '\n')
            {
                if (CollectionsMarshal.AsSpan(bytes)[line..].StartsWith("---"u8))
                {
                    break;
                }

                line = bytes.Count;
            }

            if (bytes.Count == MostBytes)
            {
                HeaderParser.RequireVersion(CollectionsMarshal.AsSpan(bytes));
                throw new SealingException(SealingFailure.TooLarge, $"The header of the sealed file is longer than {MostBytes / 1024} KiB: seal it to fewer recipients.");
            }
        }

        return HeaderParser.Parse(CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>Writes the header with these stanzas.</summary>
    public static byte[] Write(IEnumerable<Stanza> stanzas, ReadOnlySpan<byte> fileKey)
    {
        var text = new StringBuilder(VersionLine).Append('\n');
        foreach (var stanza in stanzas)
        {
            text.Append("-> ").AppendJoin(' ', stanza.Arguments).Append('\n');
            var body = UnpaddedBase64.Encode(stanza.Body.AsSpan());
            for (; body.Length >= Columns; body = body[Columns..])
            {
                text.Append(body, 0, Columns).Append('\n');
            }

            // the last line is a short one, be it empty
            text.Append(body).Append('\n');
        }

        text.Append("---");
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        ComputeMac(Encoding.ASCII.GetBytes(text.ToString()), fileKey, mac);
        return Encoding.ASCII.GetBytes(text.Append(' ').Append(UnpaddedBase64.Encode(mac)).Append('\n').ToString());
    }

    /// <summary>Checks the MAC.</summary>
    /// <exception cref="SealingException">It is not this header's.</exception>
    public void Verify(ReadOnlySpan<byte> fileKey)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        ComputeMac(Signed.AsSpan(), fileKey, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, Mac.AsSpan()))
        {
            throw new SealingException(SealingFailure.HeaderMac, "The header of the sealed file was changed after it was made: fetch it again from where it was sealed.");
        }
    }

    private static void ComputeMac(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> fileKey, Span<byte> mac)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, key, salt: [], info: "header"u8);
        HMACSHA256.HashData(key, signed, mac);
        CryptographicOperations.ZeroMemory(key);
    }
}
