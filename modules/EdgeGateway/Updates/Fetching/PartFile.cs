using System.Security.Cryptography;
using EdgeGateway.Storage;
using Microsoft.Win32.SafeHandles;

namespace EdgeGateway.Updates.Fetching;

/// <summary>
/// What of a file has come so far, beside its place: <c>{path}.part</c>, and the hash of it. Nothing else is kept, so that no kill leaves two files that disagree; that the part
/// belongs to the file at the address is shown by the SHA-256 of the whole.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SafeFileHandle file;
    private readonly string path;
    private readonly string part;

    private PartFile(string path) => (this.path, part, file) = (path, PartOf(path), PlainFile.OpenForWriting(PartOf(path)));

    /// <summary>Bytes that have come.</summary>
    public long Length { get; private set; }

    /// <summary>SHA-256 of them, lower-case hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Opens what an earlier fetch left, or an empty one.</summary>
    /// <param name="path">Where the whole is to lie.</param>
    /// <param name="limit">Bytes that the whole can have; a part with more is none of it.</param>
    /// <exception cref="StorageException">The disk refused.</exception>
    public static PartFile Open(string path, long limit, CancellationToken token)
    {
        var opened = new PartFile(path);
        try
        {
            opened.Restore(limit, token);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Adds what has come.</summary>
    /// <exception cref="StorageException">The disk refused. Of a full one the part is gone, as alerts need the room more.</exception>
    public void Append(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            DurableFile.Guard(part, () => RandomAccess.Write(file, bytes.Span, Length));
        }
        catch (StorageException full) when (full.Fault == StorageFault.Full)
        {
            Delete();
            throw;
        }

        hash.AppendData(bytes.Span);
        Length += bytes.Length;
    }

    /// <summary>Begins anew.</summary>
    /// <exception cref="StorageException">The disk refused.</exception>
    public void Clear()
    {
        DurableFile.Guard(part, () => RandomAccess.SetLength(file, 0));
        hash.GetHashAndReset();
        Length = 0;
    }

    /// <summary>Puts the whole into its place, durably.</summary>
    /// <exception cref="StorageException">The disk refused, and the part is gone: after a failed fsync nobody knows what of it is on the disk.</exception>
    public void Publish()
    {
        try
        {
            DurableFile.Publish(file, part, path);
        }
        catch (StorageException)
        {
            Delete();
            throw;
        }
    }

    /// <summary>Removes it; nothing can be added afterwards.</summary>
    public void Delete() => DurableFile.Guard(part, () => File.Delete(part));

    /// <inheritdoc/>
    public void Dispose()
    {
        hash.Dispose();
        file.Dispose();
    }

    private static string PartOf(string path) => path + ".part";

    private void Restore(long limit, CancellationToken token)
    {
        if (RandomAccess.GetLength(file) is var length && length <= limit)
        {
            Length = PlainFile.Hash(file, part, length, hash, token);
        }
        else
        {
            Clear();
        }
    }
}
