using Microsoft.Extensions.Logging;

namespace EdgeGateway.Stages;

internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Information, "Went on with {Sensors} sensors of the snapshot and {Batches} batches of the journal")]
    internal static partial void Restored(this ILogger logger, int sensors, int batches);

    [LoggerMessage(8002, LogLevel.Error, "{Batches} batches of the journal were damaged; their readings are missing")]
    internal static partial void BatchesDamaged(this ILogger logger, int batches);

    [LoggerMessage(8003, LogLevel.Error, "{Path} could not be used and was begun anew, what it held is missing: {Reason}. The damaged file is {MovedTo}")]
    internal static partial void StoreDamaged(this ILogger logger, string path, string movedTo, string reason);

    [LoggerMessage(8004, LogLevel.Error, "Everything waits until there is room: {Reason}")]
    internal static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(8005, LogLevel.Information, "There is room on the disk again; nothing was lost")]
    internal static partial void DiskHasRoom(this ILogger logger);

    [LoggerMessage(8006, LogLevel.Error, "The state of the sensors was not written and will be with the next checkpoint: {Reason}")]
    internal static partial void SnapshotNotWritten(this ILogger logger, string reason);
}
