using System.Runtime.InteropServices;

namespace EdgeGateway.Models;

/// <summary>
/// Anonymous memory outside of the managed heap, for what must be on no disk: it begins at a page, is left out of core dumps, and is locked against swapping where the system allows as much.
/// Zeroed when it is given back. Linux.
/// </summary>
internal sealed unsafe class WeightMemory : IDisposable
{
    private const int ReadAndWrite = 3;        // PROT_READ | PROT_WRITE
    private const int PrivateAnonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int DontDump = 16;           // MADV_DONTDUMP
    private const long Piece = 4 << 20;
    private byte* start;

    /// <exception cref="IOException">The system has no room for it.</exception>
    public WeightMemory(long length)
    {
        Length = length;
        var address = Map(0, (nuint)length, ReadAndWrite, PrivateAnonymous, -1, 0);
        if (address == -1)
        {
            throw new IOException($"There is no memory for the {length >> 20} MiB of a model: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        start = (byte*)address;
        IsKeptFromDumps = Advise(address, (nuint)length, DontDump) == 0;
        IsLocked = Lock(address, (nuint)length) == 0;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Whether a core dump leaves it out.</summary>
    public bool IsKeptFromDumps { get; }

    /// <summary>Whether it stays out of swap; RLIMIT_MEMLOCK is often less than a model.</summary>
    public bool IsLocked { get; }

    /// <summary>Its first byte.</summary>
    public byte* Start => start is null ? throw new ObjectDisposedException(nameof(WeightMemory)) : start;

    /// <summary>Zeroes and unmaps it, piece by piece: pages that were given back before would all come to life again if the whole was zeroed first.</summary>
    public void Dispose()
    {
        for (var done = 0L; start is not null && done < Length; done += Piece)
        {
            var length = (nuint)Math.Min(Piece, Length - done);
            NativeMemory.Clear(start + done, length);
            _ = Unmap((nint)(start + done), length);
        }

        start = null;
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmap(nint address, nuint length);

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint address, nuint length, int advice);

    [DllImport("libc", EntryPoint = "mlock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Lock(nint address, nuint length);
}
