using Microsoft.Extensions.Logging;

namespace EdgeGateway.Tracing;

internal static partial class Log
{
    [LoggerMessage(8961, LogLevel.Warning, "The collector {Collector} takes no traces; those of this time are lost and counted. Look whether it runs, takes OTLP over HTTP with protobuf, and can be reached from here; operations.traces names it")]
    public static partial void CollectorAway(this ILogger logger, string collector);

    [LoggerMessage(8963, LogLevel.Error, "There are no traces: variables of the environment that begin with OTEL_ cannot be used: {Reason} Mend them, and start the gateway anew")]
    public static partial void TracesUnusable(this ILogger logger, string reason);

    [LoggerMessage(8962, LogLevel.Information, "The collector {Collector} takes traces again")]
    public static partial void CollectorBack(this ILogger logger, string collector);
}
