using Microsoft.Extensions.Logging;

namespace EdgeGateway.Page;

internal static partial class Log
{
    [LoggerMessage(8951, LogLevel.Information, "The operator page is served at {Address}")]
    internal static partial void PageServed(this ILogger logger, string address);

    [LoggerMessage(8952, LogLevel.Warning, "The operator page is not served on port {Port} ({Cause}); name another port in operations.page, or mend what is said; it is tried again each minute")]
    internal static partial void PageNotServed(this ILogger logger, int port, string cause);

    [LoggerMessage(8953, LogLevel.Warning, "Somebody at {Address} asked for the operator page with a wrong token; this is said at most once a minute")]
    internal static partial void WrongToken(this ILogger logger, string address);

    [LoggerMessage(8954, LogLevel.Warning, "The operator page uses its self-signed certificate, for the workload API gave none: {Cause}")]
    internal static partial void NoCertificate(this ILogger logger, string cause);

    [LoggerMessage(8955, LogLevel.Error, "The operator page could not answer {Path}")]
    internal static partial void AnswerFailed(this ILogger logger, string path, Exception failure);
}
