using System.Globalization;

namespace EdgeGateway.Soak.Harness;

/// <summary>A small ext4 on a file, mounted by itself: it can be cut off as by a loss of power, and be full. Needs root, a loop device and xfs_io.</summary>
internal sealed class LoopDisk : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-disk-");
    private readonly string image;
    private readonly string filler;

    private LoopDisk()
    {
        (image, Mount) = (Path.Combine(folder.FullName, "image"), Path.Combine(folder.FullName, "mount"));
        filler = Path.Combine(Mount, "filler");
        Directory.CreateDirectory(Mount);
    }

    /// <summary>Where it is mounted.</summary>
    public string Mount { get; }

    /// <summary>Makes and mounts one.</summary>
    /// <exception cref="SoakException">This machine cannot.</exception>
    public static async Task<LoopDisk> MountedAsync(int megabytes, CancellationToken token)
    {
        var disk = new LoopDisk();
        await RunAsync("truncate", token, "-s", string.Create(CultureInfo.InvariantCulture, $"{megabytes}M"), disk.image);
        await RunAsync("mkfs.ext4", token, "-q", "-m", "0", disk.image);
        await disk.MountAsync(token);
        return disk;
    }

    /// <summary>Whatever was not synced is lost, and everything fails from now on.</summary>
    public Task CutAsync(CancellationToken token) => RunAsync("xfs_io", token, "-x", "-c", "shutdown", Mount);

    /// <summary>Power is back: what had reached the medium is there again. Nothing may use it at this moment.</summary>
    public async Task RestoreAsync(CancellationToken token)
    {
        await RunAsync("umount", token, Mount);
        await MountAsync(token);
    }

    /// <summary>Not one byte more can be written.</summary>
    public void Fill()
    {
        using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[64 << 10, 4 << 10, 1])
        {
            WriteUntilFull(file, new byte[size]);
        }
    }

    /// <summary>There is room again.</summary>
    public void Free() => File.Delete(filler);

    /// <inheritdoc/>
    public void Dispose()
    {
        RunAsync("umount", CancellationToken.None, Mount).Wait(TimeSpan.FromSeconds(10), CancellationToken.None);
        folder.Delete(recursive: true);
    }

    private static void WriteUntilFull(FileStream file, byte[] chunk)
    {
        try
        {
            while (true)
            {
                file.Write(chunk);
            }
        }
        catch (IOException)
        {
            // full
        }
    }

    private Task MountAsync(CancellationToken token) => RunAsync("mount", token, "-o", "loop", image, Mount);

    private static async Task RunAsync(string program, CancellationToken token, params string[] arguments)
    {
        using var process = Measured.Start(program, arguments);
        await process.EndAsync(token);
    }
}
