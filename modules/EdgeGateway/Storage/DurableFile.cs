using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeGateway.Storage;

/// <summary>
/// Files that are whole or absent, through kill and power cut: temporary file in the same folder, write, fsync, rename,
/// fsync of the folder. One writer per path at a time. Linux: libc's fsync, because .NET 10 hides that it failed.
/// Elsewhere (development only): .NET's flush, and no sync of the folder.
/// </summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Interrupted = 4;

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var copy = content.ToArray();
        Replace(path, stream => stream.Write(copy));
    }

    /// <summary>Replaces the file by what is written to the stream; the old content stays when anything fails. Readable by the owner alone.</summary>
    public static void Replace(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        var temporary = path + ".tmp";
        Guard(path, () =>
        {
            WriteAndSync(temporary, write);
            Move(temporary, path);
        });
    }

    /// <summary>Puts a file that was written beside it in the place of another: fsync, rename, fsync of the folder.</summary>
    /// <param name="written">What was written, still open.</param>
    public static void Publish(SafeFileHandle written, string temporary, string path) => Guard(path, () =>
    {
        Sync(written, temporary);
        Move(temporary, Path.GetFullPath(path));
    });

    /// <summary>Does something to a file.</summary>
    /// <exception cref="StorageException">The disk or the operating system refused.</exception>
    public static void Guard(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException || (failure is IOException and not StorageException))
        {
            throw Failure(path, failure);
        }
    }

    /// <summary>The whole content; null when there is no such file. Throws when it is larger than the limit: the caller knows how large its files can be.</summary>
    public static byte[]? Read(string path, int maxBytes)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > maxBytes)
            {
                throw new StorageException(StorageFault.Damaged, path, $"{stream.Length} bytes, at most {maxBytes} were expected");
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes creations, renames and deletions in a folder durable.</summary>
    public static void SyncDirectory(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var handle = new SafeFileHandle(Native.Open(folder, Native.ReadOnlyCloseOnExec), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw Refused(folder, "open of the folder");
        }

        Sync(handle, folder);
    }

    private static void Move(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void WriteAndSync(string temporary, Action<Stream> write)
    {
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 65536 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using var stream = new FileStream(temporary, options);
            write(stream);
            stream.Flush();
            Sync(stream.SafeFileHandle, temporary);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Sync(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        while (Native.FSync(handle) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw Refused(path, "fsync");
            }
        }
    }

    /// <summary>What .NET's own calls say that failed.</summary>
    public static StorageException Failure(string path, Exception failure) => new(FaultOf(failure.HResult), path, failure.Message, failure);

    /// <summary>What the last call of libc says that failed.</summary>
    public static StorageException Refused(string path, string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new StorageException(FaultOf(error), path, $"{call}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
    }

    // errno, or the HRESULT that .NET makes on Windows: ENOSPC, EDQUOT, disk full; EROFS.
    private static StorageFault FaultOf(int error) => error switch
    {
        28 or 122 or unchecked((int)0x80070070) => StorageFault.Full,
        30 => StorageFault.ReadOnly,
        _ => StorageFault.Failed,
    };

    private static class Native
    {
        /// <summary>O_RDONLY | O_CLOEXEC, the same on x64 and arm64.</summary>
        public const int ReadOnlyCloseOnExec = 0x80000;

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int FSync(SafeFileHandle file);

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
    }
}
