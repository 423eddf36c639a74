using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates.Trust;

internal static partial class Log
{
    [LoggerMessage(8851, LogLevel.Warning, "{Problem}")]
    internal static partial void TrustImpaired(this ILogger logger, string problem);

    [LoggerMessage(8852, LogLevel.Error, "The log of trust decisions could not be written: {Problem}")]
    internal static partial void TrustLogFailed(this ILogger logger, string problem);
}
