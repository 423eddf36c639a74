using Microsoft.Extensions.Logging;

namespace EdgeGateway.Ingest;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "Readings of {Where} are rejected ({Reason}); each further one is only counted")]
    internal static partial void Rejected(this ILogger logger, string where, RejectReason reason);
}
