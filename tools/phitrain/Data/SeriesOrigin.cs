namespace EdgeGateway.PhiTrain.Data;

/// <summary>How a series came about.</summary>
internal enum SeriesKind : byte
{
    /// <summary>The generator made it, faults and all.</summary>
    Generated,

    /// <summary>An event-free stretch of a recording, into which faults were injected.</summary>
    Background,

    /// <summary>A recording with its own labels.</summary>
    Recorded,
}

/// <summary>Where a series comes from, so that what was trained on can be told from what was not.</summary>
/// <param name="Name">Of its file, relative to its folder; "" for generated series.</param>
/// <param name="Set">Set of its labels; "" for generated series.</param>
/// <param name="Device">What was recorded; "" for generated series.</param>
/// <param name="Hash">SHA-256 of its samples (<see cref="Replay.SeriesHash"/>); of the whole recording for a stretch of it.</param>
internal sealed record SeriesOrigin(SeriesKind Kind, string Name, string Set, string Device, string Hash)
{
    /// <summary>Whether its events are labelled ones, not injected.</summary>
    public bool IsRecorded => Kind == SeriesKind.Recorded;

    /// <summary>A generated series of this hash.</summary>
    public static SeriesOrigin Generated(string hash) => new(SeriesKind.Generated, "", "", "", hash);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SeriesOrigin Read(BinaryReader reader) =>
        new((SeriesKind)reader.ReadByte(), reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString());

    /// <summary>BinaryWriter's form: uint8 kind, then name, set, device and hash as strings.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write((byte)Kind);
        Array.ForEach([Name, Set, Device, Hash], writer.Write);
    }
}
