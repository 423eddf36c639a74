using Microsoft.Extensions.Logging;

namespace EdgeGateway.Operations;

internal static partial class Log
{
    [LoggerMessage(8301, LogLevel.Error, "The command {Name} failed")]
    internal static partial void CommandFailed(this ILogger logger, string name, Exception failure);

    [LoggerMessage(8303, LogLevel.Warning, "Neither metrics nor health are served: port {Port} cannot be listened on ({Cause}); name another one in operations.metrics, or 0 for none")]
    internal static partial void NotListening(this ILogger logger, int port, string cause);

    [LoggerMessage(8304, LogLevel.Error, "{Path} could not be answered")]
    internal static partial void AnswerFailed(this ILogger logger, string path, Exception failure);

    [LoggerMessage(8302, LogLevel.Information, "From now on everything from {Level} on is logged")]
    internal static partial void LogLevelSet(this ILogger logger, string level);
}
