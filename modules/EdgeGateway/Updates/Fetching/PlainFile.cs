using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Storage;
using Microsoft.Win32.SafeHandles;

namespace EdgeGateway.Updates.Fetching;

/// <summary>Opens plain files by paths whose last name is not followed where it is a link. libc, because .NET follows links and waits for ever for a pipe. Linux on x64 and arm64.</summary>
internal static class PlainFile
{
    private const int NoSuchFile = 2, NoSuchDevice = 6, TooManyLinks = 40;

    /// <summary>Opens a file for reading; null where no plain file is.</summary>
    /// <exception cref="StorageException">The operating system refused.</exception>
    public static SafeFileHandle? OpenForReading(string path) => Open(path, Native.ReadOnly);

    /// <summary>Opens a file for reading and writing, made when it is not there, for the owner alone. A link or a pipe in its place goes.</summary>
    /// <exception cref="StorageException">The operating system refused.</exception>
    public static SafeFileHandle OpenForWriting(string path)
    {
        if (Open(path, Native.ReadWrite | Native.Create) is { } file)
        {
            return file;
        }

        DurableFile.Guard(path, () => File.Delete(path));
        return Open(path, Native.ReadWrite | Native.Create) ?? throw new StorageException(StorageFault.Failed, path, "a link or a pipe comes back in its place");
    }

    /// <summary>Adds the first bytes of a file to a hash.</summary>
    /// <returns>How many there were, at most <paramref name="length"/>.</returns>
    /// <exception cref="StorageException">The disk refused.</exception>
    public static long Hash(SafeFileHandle file, string path, long length, IncrementalHash hash, CancellationToken token)
    {
        var (at, buffer) = (0L, new byte[128 * 1024]);
        DurableFile.Guard(path, () =>
        {
            while (at < length && RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)), at) is > 0 and var count)
            {
                token.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                at += count;
            }
        });
        return at;
    }

    private static SafeFileHandle? Open(string path, int flags)
    {
        var file = new SafeFileHandle(Native.Open(path, flags | Native.NoFollow, Native.OwnerOnly), ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        if (file.IsInvalid)
        {
            return error is NoSuchDevice or TooManyLinks || (error == NoSuchFile && flags == Native.ReadOnly) ? null : throw DurableFile.Refused(path, "open");
        }

        if (HasLength(file))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private static bool HasLength(SafeFileHandle file)
    {
        try
        {
            return RandomAccess.GetLength(file) >= 0;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static class Native
    {
        public const int ReadOnly = 0x80800; // O_RDONLY | O_CLOEXEC | O_NONBLOCK
        public const int ReadWrite = 0x80802;
        public const int Create = 0x40;
        public const int OwnerOnly = 0x180;

        public static int NoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);
    }
}
