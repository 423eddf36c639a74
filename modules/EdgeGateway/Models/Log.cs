using Microsoft.Extensions.Logging;

namespace EdgeGateway.Models;

internal static partial class Log
{
    [LoggerMessage(8701, LogLevel.Warning, "The source {Source} asks for the adapter {Adapter}, which is not active; {Model} judges it alone until then")]
    internal static partial void AdapterMissing(this ILogger logger, string source, string adapter, string model);
}
