namespace EdgeGateway.Storage;

/// <summary>Why something could not be stored.</summary>
public enum StorageFault
{
    /// <summary>No space, no inodes or no quota left. May pass: the caller keeps what it has and tries again.</summary>
    Full,

    /// <summary>The file system takes no writes (mounted read-only, often after its own errors).</summary>
    ReadOnly,

    /// <summary>The content of the file cannot be trusted. The next start moves it aside.</summary>
    Damaged,

    /// <summary>A newer version of this module wrote the file in a form that this one does not know. The next start moves it aside and takes over what it can.</summary>
    Newer,

    /// <summary>The disk or the operating system refused. After a failed fsync a second try may seem to work and not be stored: stop the process.</summary>
    Failed,
}

/// <summary>Something is NOT stored. The one exception of this folder that callers need to know.</summary>
public sealed class StorageException(StorageFault fault, string path, string detail, Exception? inner = null)
    : IOException($"{path} is not stored: {Sentence(fault)} ({detail}).", inner)
{
    /// <summary>The kind of failure: decides whether waiting helps.</summary>
    public StorageFault Fault { get; } = fault;

    /// <summary>The file that could not be written or read.</summary>
    public string Path { get; } = path;

    /// <summary>What was found, in the words of SQLite or the operating system.</summary>
    public string Detail { get; } = detail;

    private static string Sentence(StorageFault fault) => fault switch
    {
        StorageFault.Full => "the disk is full, make room on the volume of the data folder",
        StorageFault.ReadOnly => "the file system is read-only, check the volume of the data folder",
        StorageFault.Damaged => "the file is damaged, restart the module to move it aside",
        StorageFault.Newer => "a newer version wrote the file, restart the module to move it aside",
        _ => "the disk refused, check the volume of the data folder",
    };
}
