using Microsoft.Extensions.Logging;

namespace EdgeGateway.Stages;

internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Information, "Went on with {Sensors} sensors of the snapshot and {Batches} batches of the journal")]
    internal static partial void Restored(this ILogger logger, int sensors, int batches);

    [LoggerMessage(8002, LogLevel.Error, "The snapshot cannot be used, so all sensors start anew: {Reason}")]
    internal static partial void SnapshotRefused(this ILogger logger, string reason);

    [LoggerMessage(8003, LogLevel.Error, "{Path} could not be used and was begun anew, what it held is missing: {Reason}. The damaged file is {MovedTo}")]
    internal static partial void StoreDamaged(this ILogger logger, string path, string movedTo, string reason);
}
