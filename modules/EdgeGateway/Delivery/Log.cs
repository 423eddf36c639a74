using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Warning, "Alert {AlertId}.{Sequence} was not delivered to {Sink} and stays in the outbox: {Reason}")]
    internal static partial void NotDelivered(this ILogger logger, string alertId, int sequence, string sink, string reason);

    [LoggerMessage(6002, LogLevel.Error, "Alert {AlertId}.{Sequence} can never be delivered to {Sink} and is put aside: {Reason}")]
    internal static partial void DeadLetter(this ILogger logger, string alertId, int sequence, string sink, string reason);

    [LoggerMessage(6003, LogLevel.Warning, "Alerts wait for {Sink} in the outbox: {Reason}")]
    internal static partial void OverBudget(this ILogger logger, string sink, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "The outbox of {Sink} is full: {Evicted} alerts of the lowest severity have made room, {Expired} have waited too long. What is new of them is not sent there either; see EdgeGateway outbox")]
    internal static partial void AlertsGone(this ILogger logger, string sink, long evicted, long expired);
}
