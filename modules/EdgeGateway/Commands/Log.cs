using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

internal static partial class Log
{
    [LoggerMessage(8401, LogLevel.Information, "There are no settings to run on yet; waiting for the twin of {Module} on {Device} at {Hub}")]
    internal static partial void WaitingForTwin(this ILogger logger, string hub, string device, string module);

    [LoggerMessage(8402, LogLevel.Critical, "The gateway stops and must be started anew: {Reason}")]
    internal static partial void ControlFailed(this ILogger logger, string reason, Exception? failure);

    [LoggerMessage(8403, LogLevel.Warning, "{Problem}")]
    internal static partial void LastGoodUnusable(this ILogger logger, string problem);

    [LoggerMessage(8404, LogLevel.Warning, "The settings on disk belong to {Before} and are left out; this is {Now} now")]
    internal static partial void OtherIdentity(this ILogger logger, string before, string now);

    [LoggerMessage(8405, LogLevel.Warning, "The source {Source} gets nothing: it reads the hub input {Input}, and this gateway has no hub identity")]
    internal static partial void InputWithoutHub(this ILogger logger, string source, string input);
}
