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

    [LoggerMessage(8105, LogLevel.Warning, "{Topic} at the broker is not what this gateway says ({Problem}) and is restored; only this gateway should write there, deployment/mosquitto says how. Further times are only counted")]
    internal static partial void StateRestored(this ILogger logger, string topic, string problem);

    [LoggerMessage(8106, LogLevel.Warning, "Further topics of this gateway that others write are restored and only counted")]
    internal static partial void StatesOnlyCounted(this ILogger logger);

    [LoggerMessage(8107, LogLevel.Warning, "The broker keeps no retained messages: alerts go to the topic events alone, and nobody finds their state there later")]
    internal static partial void NothingRetained(this ILogger logger);

    [LoggerMessage(8108, LogLevel.Warning, "The broker takes our connection only without its last will: it tells nobody when this gateway dies")]
    internal static partial void WillRefused(this ILogger logger);

    [LoggerMessage(8109, LogLevel.Warning, "The broker does not let us read {Filter}: what others do to the states of our alerts is not seen")]
    internal static partial void StatesUnseen(this ILogger logger, string filter);
}
