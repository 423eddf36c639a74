using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The stored form of a sensor: a version byte, the state, and the first 16 bytes of the SHA-256 of both, against torn or
/// decayed files. Sorted windows and differences are left out, they follow from the samples.
/// </summary>
internal static class SnapshotFormat
{
    public const byte Version = 1;
    public const int LargestSize = 48 * 1024;

    private const int VersionBytes = 1;
    private const int DigestBytes = 16;

    public static void Write(SensorFields fields, IBufferWriter<byte> destination)
    {
        var room = destination.GetSpan(LargestSize);
        room[0] = Version;
        var body = new Snapshot(room[VersionBytes..]);
        fields.Exchange(ref body);
        var end = VersionBytes + body.Position;
        Seal(room[..end], room[end..]);
        destination.Advance(end + DigestBytes);
    }

    public static bool TryRead(ReadOnlySpan<byte> snapshot, [NotNullWhen(true)] out SensorFields? fields)
    {
        fields = null;
        if (snapshot.Length is < VersionBytes + DigestBytes or > LargestSize || snapshot[0] != Version)
            return false;
        Span<byte> digest = stackalloc byte[DigestBytes];
        Seal(snapshot[..^DigestBytes], digest);
        return digest.SequenceEqual(snapshot[^DigestBytes..]) && TryReadBody(snapshot[VersionBytes..^DigestBytes], out fields);
    }

    /// <summary>Reads the state alone; every number is checked for itself, so that even a sealed lie cannot do harm.</summary>
    internal static bool TryReadBody(ReadOnlySpan<byte> body, [NotNullWhen(true)] out SensorFields? fields)
    {
        var cursor = new Snapshot(body);
        var read = new SensorFields();
        read.Exchange(ref cursor);
        fields = cursor.IsComplete ? read : null;
        return fields is not null;
    }

    private static void Seal(ReadOnlySpan<byte> content, Span<byte> digest)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, whole);
        whole[..DigestBytes].CopyTo(digest);
    }
}
