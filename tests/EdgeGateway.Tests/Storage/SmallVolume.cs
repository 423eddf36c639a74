using System.ComponentModel;
using System.Diagnostics;

namespace EdgeGateway.Tests.Storage;

/// <summary>A small volume in memory; needs the right to mount, else the test is skipped. Gone with this object.</summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-volume-");

    public SmallVolume(int megabytes)
    {
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "none", folder.FullName) != 0)
        {
            folder.Delete();
            Assert.Skip("This process may not mount: the test needs a small volume of its own, so root.");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path => folder.FullName;

    /// <summary>Takes all of the room but so many bytes.</summary>
    public void Fill(long but = 0)
    {
        using var filler = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (but == 0 || new DriveInfo(Path).AvailableFreeSpace > but)
            {
                filler.Write(block);
            }
        }
        catch (IOException)
        {
            // it is full
        }
    }

    /// <summary>There is room again.</summary>
    public void Free() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void Dispose()
    {
        Run("umount", "-l", Path);
        folder.Delete();
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1;
        }
    }
}
