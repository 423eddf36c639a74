using Microsoft.Extensions.Logging;

namespace EdgeGateway.Mqtt;

internal static partial class Log
{
    [LoggerMessage(8101, LogLevel.Information, "{ClientId} is connected to {Host}:{Port} (session kept: {SessionPresent})")]
    internal static partial void Connected(this ILogger logger, string clientId, string host, int port, bool sessionPresent);

    [LoggerMessage(8102, LogLevel.Warning, "{ClientId} has no connection to {Host}:{Port} and goes on trying: {Cause}")]
    internal static partial void NotConnected(this ILogger logger, string clientId, string host, int port, string cause);

    [LoggerMessage(8103, LogLevel.Error, "The broker does not let us read {Filter}: {Reason}")]
    internal static partial void SubscriptionRefused(this ILogger logger, string filter, string reason);

    [LoggerMessage(8104, LogLevel.Warning, "{ClientId} has no new token yet and keeps its connection as long as the old one is good: {Cause}")]
    internal static partial void NoNewToken(this ILogger logger, string clientId, string cause);
}
