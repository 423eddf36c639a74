namespace EdgeGateway.Storage;

/// <summary>
/// Holds a data folder for one process: two gateways on one would each deliver and forget what is the other's. A lock of the kernel on a file in it (flock(2)): it goes with the process, however that
/// ends, and counts between containers that share a volume.
/// </summary>
internal static class DataFolderLock
{
    /// <summary>EWOULDBLOCK on Linux, sharing violation on Windows.</summary>
    private static readonly int Held = OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : 11;

    /// <summary>Makes the folder where there is none, and takes it until the result is disposed.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written: the sentence says what to do.</exception>
    public static IDisposable Take(string folder)
    {
        var path = Path.Combine(folder, "gateway.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException("the user of this process may not write there; give the folder to that user (in our images 1654), or use a named volume", e);
        }
        catch (IOException e) when (e.HResult == Held)
        {
            throw new IOException("another gateway runs on it; give each a folder of its own, or stop the other one first", e);
        }
        catch (IOException e)
        {
            throw DurableFile.Failure(path, e);
        }
    }
}
