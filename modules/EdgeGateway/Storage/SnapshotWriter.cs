using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Storage;

/// <summary>
/// Writes the state of all sensors as one file, through <see cref="DurableFile"/>: the old snapshot stays until the new one is whole.
/// Form, little-endian: magic "EGSNAPSH", version u32, journal position i64, event time i64 (UTC ticks); per record one or more pieces,
/// each a mark (1, or 2 when the next piece continues it), name length u16, name (UTF-8), plain length i32, stored length i32, content (Brotli where shorter than plain); a 0,
/// number of records i32; SHA-256 over all of that. No second generation is kept: the rename is atomic, and an older
/// state without its journal would be wrong rather than old.
/// </summary>
internal sealed class SnapshotWriter : IDisposable
{
    public const uint Version = 1;
    public const int MaxName = 1024;
    public const int MaxPiece = 1 << 20;

    public const byte End = 0;
    public const byte Whole = 1;
    public const byte Continued = 2;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream stream;

    private SnapshotWriter(Stream stream) => this.stream = stream;

    public static ReadOnlySpan<byte> Magic => "EGSNAPSH"u8;

    /// <summary>Takes the records one by one, so that never more than one is in memory twice; returns the bytes written. A snapshot not written throws <see cref="StorageException"/>.</summary>
    public static long Write(string path, SnapshotHeader header, IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> records)
    {
        long written = 0;
        DurableFile.Replace(path, stream =>
        {
            using var writer = new SnapshotWriter(stream);
            writer.Write(header, records);
            written = stream.Position;
        });
        return written;
    }

    public void Dispose() => hash.Dispose();

    private void Write(SnapshotHeader header, IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> records)
    {
        Put(Magic);
        PutInt32((int)Version);
        PutInt64(header.JournalPosition);
        PutInt64(header.CreatedAt.UtcTicks);
        var count = 0;
        foreach (var (name, bytes) in records)
        {
            PutRecord(name, bytes.Span);
            count++;
        }

        Put([End]);
        PutInt32(count);
        stream.Write(hash.GetHashAndReset());
    }

    private void PutRecord(string name, ReadOnlySpan<byte> plain)
    {
        for (; plain.Length > MaxPiece; plain = plain[MaxPiece..])
        {
            PutPiece(Continued, name, plain[..MaxPiece]);
        }

        PutPiece(Whole, name, plain);
    }

    private void PutPiece(byte mark, string name, ReadOnlySpan<byte> plain)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nameBytes.Length, MaxName, nameof(name));
        var content = Packing.Pack(plain).Span;
        Span<byte> nameLength = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(nameLength, (ushort)nameBytes.Length);
        Put([mark]);
        Put(nameLength);
        Put(nameBytes);
        PutInt32(plain.Length);
        PutInt32(content.Length);
        Put(content);
    }

    private void PutInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Put(bytes);
    }

    private void PutInt64(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Put(bytes);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }
}
