using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Storage;

/// <summary>
/// Reads what <see cref="SnapshotWriter"/> wrote. The file is walked twice: once to verify form and SHA-256, once to hand
/// out records, so no record of a damaged file is ever seen. Content never throws, and a damaged file allocates at most one piece beyond its own bytes.
/// </summary>
internal sealed class SnapshotReader : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream stream;
    private long remaining;

    private SnapshotReader(Stream stream)
    {
        this.stream = stream;
        remaining = stream.Length - SHA256.HashSizeInBytes;
    }

    /// <summary>False with a reason (one clause) when there is no snapshot, it is damaged or the disk does not give it; then nothing that was taken counts.</summary>
    /// <param name="take">
    /// Gets name and content of each record, after all of the file was verified; the content is the callee's to keep. Refuses a record of another version by <see cref="InvalidDataException"/>.
    /// </param>
    public static bool TryRead(string path, [NotNullWhen(true)] out SnapshotHeader? header, Action<string, byte[]> take, out string reason)
    {
        header = null;
        if (!File.Exists(path))
        {
            reason = "there is no snapshot";
            return false;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 65536);
            return Walk(file, out header, take: null, out reason) && Walk(file, out header, take, out reason);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            header = null;
            reason = failure.Message;
            return false;
        }
    }

    /// <summary>The journal position of a snapshot; 0 when there is none that can be used.</summary>
    public static long JournalPosition(string path) => TryRead(path, out var header, (_, _) => { }, out _) ? header.JournalPosition : 0;

    public void Dispose() => hash.Dispose();

    private static bool Walk(FileStream file, [NotNullWhen(true)] out SnapshotHeader? header, Action<string, byte[]>? take, out string reason)
    {
        file.Position = 0;
        using var reader = new SnapshotReader(file);
        header = null;
        if (!reader.TryHeader(out var found, out reason) || !reader.TryRecords(take, out reason) || !reader.TryEnd(out reason))
        {
            return false;
        }

        header = found;
        return true;
    }

    private bool TryHeader([NotNullWhen(true)] out SnapshotHeader? header, out string reason)
    {
        header = null;
        var magic = new byte[SnapshotWriter.Magic.Length];
        reason = "it is no snapshot";
        if (!TryTake(magic) || !magic.AsSpan().SequenceEqual(SnapshotWriter.Magic) || !TryInt32(out var version))
        {
            return false;
        }

        reason = $"version {version} is not version {SnapshotWriter.Version}";
        if (version != SnapshotWriter.Version)
        {
            return false;
        }

        reason = "the header is damaged";
        if (!TryInt64(out var position) || !TryInt64(out var ticks) || position < 0 || ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        header = new SnapshotHeader(position, new DateTimeOffset(ticks, TimeSpan.Zero));
        return true;
    }

    private bool TryRecords(Action<string, byte[]>? take, out string reason)
    {
        Span<byte> mark = stackalloc byte[1];
        using var pieces = new MemoryStream();
        for (var count = 0; ;)
        {
            reason = $"it ends or is damaged after {count} records";
            if (!TryTake(mark) || mark[0] > SnapshotWriter.Continued)
            {
                return false;
            }

            if (mark[0] == SnapshotWriter.End)
            {
                return TryInt32(out var counted) && counted == count;
            }

            if (!TryPiece(out var name, out var content))
            {
                return false;
            }

            count += mark[0] == SnapshotWriter.Whole ? 1 : 0;
            if (take is not null)
            {
                pieces.Write(content);
                if (mark[0] == SnapshotWriter.Whole)
                {
                    take(name, pieces.ToArray());
                    pieces.SetLength(0);
                }
            }
        }
    }

    private bool TryPiece(out string name, out byte[] content)
    {
        (name, content) = ("", []);
        Span<byte> nameLength = stackalloc byte[sizeof(ushort)];
        if (!TryTake(nameLength) || !TryBytes(BinaryPrimitives.ReadUInt16LittleEndian(nameLength), SnapshotWriter.MaxName, out var nameBytes)
            || !TryInt32(out var plainLength) || !TryInt32(out var storedLength) || !TryBytes(storedLength, SnapshotWriter.MaxPiece, out var stored)
            || plainLength < 0 || plainLength > SnapshotWriter.MaxPiece || !Packing.TryUnpack(stored, plainLength, out var plain))
        {
            return false;
        }

        (name, content) = (Encoding.UTF8.GetString(nameBytes), plain);
        return true;
    }

    private bool TryEnd(out string reason)
    {
        reason = "its checksum does not match its content";
        var expected = new byte[SHA256.HashSizeInBytes];
        if (remaining != 0 || stream.ReadAtLeast(expected, expected.Length, throwOnEndOfStream: false) != expected.Length)
        {
            return false;
        }

        var matches = expected.AsSpan().SequenceEqual(hash.GetHashAndReset());
        reason = matches ? "" : reason;
        return matches;
    }

    private bool TryBytes(int length, int most, out byte[] bytes)
    {
        bytes = [];
        if (length < 0 || length > most || length > remaining)
        {
            return false;
        }

        bytes = new byte[length];
        return TryTake(bytes);
    }

    private bool TryInt32(out int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        var taken = TryTake(bytes);
        value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return taken;
    }

    private bool TryInt64(out long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        var taken = TryTake(bytes);
        value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return taken;
    }

    private bool TryTake(Span<byte> bytes)
    {
        if (bytes.Length > remaining || stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length)
        {
            return false;
        }

        remaining -= bytes.Length;
        hash.AppendData(bytes);
        return true;
    }
}
