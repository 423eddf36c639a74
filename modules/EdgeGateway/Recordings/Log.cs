using Microsoft.Extensions.Logging;

namespace EdgeGateway.Recordings;

internal static partial class Log
{
    [LoggerMessage(8601, LogLevel.Warning, "Samples around alerts are not recorded until the disk takes them again: {Reason}")]
    internal static partial void NotRecorded(this ILogger logger, string reason);
}
