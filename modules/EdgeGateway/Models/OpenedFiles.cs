using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Phi;

namespace EdgeGateway.Models;

/// <summary>
/// The plain files of a package, in native memory alone: nothing of them is on any file system, and no weight is ever on the managed heap. The memory is zeroed and given back when the
/// owner has disposed this and the model that reads it is gone.
/// </summary>
internal sealed unsafe class OpenedFiles : IDisposable
{
    private readonly WeightMemory memory;
    private readonly Dictionary<string, (long Offset, long Length)> places;
    private int holders = 1;
    private int disposed;

    private OpenedFiles(PackageManifest manifest, WeightMemory ownedMemory, Dictionary<string, (long Offset, long Length)> places)
    {
        (Manifest, memory, this.places) = (manifest, ownedMemory, places);
        Files = places.Where(p => p.Value.Length <= int.MaxValue)
            .ToDictionary(p => p.Key, p => (ReadOnlyMemory<byte>)new MemoryView(ownedMemory, p.Value.Offset, (int)p.Value.Length).Memory);
    }

    /// <summary>What they are.</summary>
    public PackageManifest Manifest { get; }

    /// <summary>By name; all but those of 2 GiB and more. To be read only until this is disposed.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files { get; }

    /// <summary>Bytes of native memory.</summary>
    public long Bytes => memory.Length;

    /// <summary>Whether all of it is locked: it stays out of swap.</summary>
    public bool IsLocked => memory.IsLocked;

    /// <summary>Whether a core dump leaves it out.</summary>
    public bool IsKeptFromDumps => memory.IsKeptFromDumps;

    /// <summary>Opens all blobs of a package, or none: when one is refused or the disk fails, nothing of the others is left.</summary>
    /// <param name="key">The group key that the package names.</param>
    /// <param name="openBlob">The sealed file of a blob, buffered; null when it is not there any more.</param>
    /// <exception cref="IOException">The disk failed, or there is no memory.</exception>
    public static bool TryOpen(AcceptedPackage package, GroupKey key, Func<PackageBlob, Stream?> openBlob, [NotNullWhen(true)] out OpenedFiles? files, [NotNullWhen(false)] out Refusal? refusal)
    {
        files = null;
        var places = Places(package.Manifest, out var length);
        if (length > AvailableMemory.Bytes())
        {
            refusal = new Refusal(RefusalCode.TooLarge, $"The {package.Manifest.Slot} has {length >> 20} MiB, but this device may use {AvailableMemory.Bytes() >> 20} MiB of memory; have a smaller one made, or raise the memory limit.");
            return false;
        }

        var memory = new WeightMemory(length);
        try
        {
            refusal = package.Manifest.Blobs.Select(blob => Open(package, blob, key, openBlob, memory.Start + places[blob.Path].Offset)).FirstOrDefault(refused => refused is not null);
            files = refusal is null ? new OpenedFiles(package.Manifest, memory, places) : null;
            return files is not null;
        }
        finally
        {
            if (files is null)
            {
                memory.Dispose();
            }
        }
    }

    /// <summary>The files as a model that holds on to them until it is gone.</summary>
    public ModelMemory ToModel()
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        Interlocked.Increment(ref holders);
        return new ModelMemory(Files, places.ToDictionary(p => p.Key, p => new NativeRange((nint)(memory.Start + p.Value.Offset), p.Value.Length)), LetGo) { DiscardPacked = true };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            LetGo();
        }
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            memory.Dispose();
        }
    }

    /// <summary>Each file begins at a page, as weights must.</summary>
    private static Dictionary<string, (long Offset, long Length)> Places(PackageManifest manifest, out long length)
    {
        var places = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        length = 0;
        foreach (var blob in manifest.Blobs)
        {
            places.Add(blob.Path, (length, blob.Size));
            length += (blob.Size / Environment.SystemPageSize * Environment.SystemPageSize) + Environment.SystemPageSize;
        }

        return places;
    }

    private static Refusal? Open(AcceptedPackage package, PackageBlob blob, GroupKey key, Func<PackageBlob, Stream?> openBlob, byte* plain)
    {
        using var file = openBlob(blob);
        return file is null ? new Refusal(RefusalCode.BlobMissing, $"The blob of {blob.Path} went away after it was checked; fetch it again.") : package.Open(blob, file, key, plain);
    }
}
