using System.Security.Cryptography;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Groups;

/// <summary>A group's key as an age file, sealed to the devices that are its members: <c>{group}.{epoch}.grant.age</c> (docs/formats/package.md, Groups and grants).</summary>
public static class Grant
{
    /// <summary>Members of one grant.</summary>
    public const int MostMembers = 2000;

    /// <summary>Bytes of one grant.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>Makes a grant.</summary>
    /// <param name="members">1 to <see cref="MostMembers"/>.</param>
    public static byte[] Seal(GroupKey key, IReadOnlyCollection<X25519Recipient> members)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members.Count, MostMembers);
        var text = key.ToText();
        try
        {
            return AgeWriter.Seal(text, fileKey => AgeWriter.Wrap(fileKey, members));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Opens a grant with the key of a device. It proves nothing yet: that it is the group's key, a manifest says that names its recipient.</summary>
    /// <exception cref="SealingException">It was refused; <see cref="SealingFailure.NoKey"/>: the device is no member.</exception>
    public static GroupKey Open(byte[] grant, X25519Identity device, string group, int epoch)
    {
        if (grant.Length > MostBytes)
        {
            throw new SealingException(
                SealingFailure.TooLarge,
                $"The grant of group {group}, epoch {epoch}, has more than {MostBytes / 1024} KiB: make it again, for at most {MostMembers} members.");
        }

        var text = AgeReader.Open(grant, (header, fileKey) => X25519Stanza.Unwrap(header, [device], fileKey));
        try
        {
            return GroupKey.Parse(text, group, epoch);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }
}
