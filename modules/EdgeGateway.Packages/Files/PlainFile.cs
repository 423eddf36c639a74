using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeGateway.Packages.Files;

/// <summary>
/// Opens files for reading by a name in an opened folder: no link in its place is followed, and nothing but a plain file is taken, whoever changes the folder meanwhile.
/// libc, because .NET opens by path, follows links and waits for ever for a pipe. Linux on x64 and arm64.
/// </summary>
internal static class PlainFile
{
    private const int NoSuchFile = 2, NoSuchDevice = 6, NoDirectory = 20, TooManyLinks = 40;
    private static bool Arm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>A folder by its path, links in which are the operator's own; null: not there.</summary>
    public static SafeFileHandle? OpenFolder(string path) => Open(Native.CurrentFolder, path, Native.DirectoryFlag, out _);

    /// <summary>A folder in a folder.</summary>
    /// <param name="exists">Whether something has that name; with null it is no folder.</param>
    public static SafeFileHandle? OpenFolder(SafeFileHandle folder, string name, out bool exists) =>
        Open((int)folder.DangerousGetHandle(), name, Native.DirectoryFlag | Native.NoFollowFlag, out exists);

    /// <summary>A plain file in a folder, of which nothing was read yet.</summary>
    /// <param name="exists">Whether something has that name; with null it is no plain file.</param>
    public static SafeFileHandle? Open(SafeFileHandle folder, string name, out bool exists)
    {
        var handle = Open((int)folder.DangerousGetHandle(), name, Native.NoFollowFlag, out exists);
        if (handle is not null && !IsPlain(handle))
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    private static SafeFileHandle? Open(int folder, string name, int flags, out bool exists)
    {
        var handle = new SafeFileHandle(Native.OpenAt(folder, Encoding.UTF8.GetBytes(name + '\0'), Native.ReadWithoutWaiting | flags), ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        exists = !handle.IsInvalid || error != NoSuchFile;
        return !handle.IsInvalid ? handle
            : error is NoSuchFile or NoSuchDevice or NoDirectory or TooManyLinks ? null
            : throw new IOException($"{name} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private static bool IsPlain(SafeFileHandle handle)
    {
        const int EmptyPath = 0x1000, WantType = 1, ModeOffset = 28, TypeBits = 0xF000, Regular = 0x8000;
        var state = new byte[256]; // struct statx: the same on every architecture
        return Native.StatX((int)handle.DangerousGetHandle(), [0], EmptyPath, WantType, state) == 0 ? (BitConverter.ToUInt16(state, ModeOffset) & TypeBits) == Regular
            : throw new IOException($"A file cannot be examined: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    private static class Native
    {
        public const int CurrentFolder = -100;
        public const int ReadWithoutWaiting = 0x80000 | 0x800; // O_CLOEXEC, O_NONBLOCK

        public static int DirectoryFlag => Arm ? 0x4000 : 0x10000;

        public static int NoFollowFlag => Arm ? 0x8000 : 0x20000;

        [DllImport("libc", EntryPoint = "openat", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int OpenAt(int folder, byte[] path, int flags);

        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] state);
    }
}
