using System.Collections.Concurrent;
using EdgeGateway.Storage;

namespace EdgeGateway.Stages;

/// <summary>
/// A snapshot that is being written while a checkpoint passes the stages: each appends its sections, and a thread of its own writes them to the disk, so that a stage only
/// waits when the disk is far behind and no more than a few sections are in memory.
/// </summary>
internal sealed class OpenSnapshot : IDisposable
{
    private const int Waiting = 64;
    private readonly BlockingCollection<(string Name, ReadOnlyMemory<byte> Bytes)> sections = new(Waiting);
    private readonly Task<long> writing;

    public OpenSnapshot(string path, SnapshotHeader header) =>
        writing = Task.Factory.StartNew(
            () => SnapshotWriter.Write(path, header, sections.GetConsumingEnumerable()), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Appends one section. When the disk refused, the rest is dropped here and <see cref="CommitAsync"/> throws.</summary>
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        var section = (name, (ReadOnlyMemory<byte>)bytes.ToArray());
        while (!writing.IsFaulted && !sections.TryAdd(section, TimeSpan.FromMilliseconds(100)))
        {
        }
    }

    /// <summary>Makes the snapshot the one in force and returns its bytes.</summary>
    /// <exception cref="StorageException">It could not be written; the one before is still in force.</exception>
    public async Task<long> CommitAsync()
    {
        sections.CompleteAdding();
        return await writing;
    }

    /// <inheritdoc/>
    public void Dispose() => sections.Dispose();
}
