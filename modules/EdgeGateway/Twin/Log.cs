using Microsoft.Extensions.Logging;

namespace EdgeGateway.Twin;

internal static partial class Log
{
    [LoggerMessage(8201, LogLevel.Warning, "The hub refuses our reported properties, which wait for their next change: {Reason}")]
    internal static partial void ReportRefused(this ILogger logger, string reason);

    [LoggerMessage(8202, LogLevel.Information, "Our reported properties were not taken and are sent again: {Reason}")]
    internal static partial void ReportNotSent(this ILogger logger, string reason);

    [LoggerMessage(8203, LogLevel.Information, "Desired properties of version {Version}: {Sections} sections in force")]
    internal static partial void DesiredTaken(this ILogger logger, long version, int sections);

    [LoggerMessage(8204, LogLevel.Warning, "Desired {Section}, version {Version}, answers {Status}: {Error}")]
    internal static partial void SectionNotTaken(this ILogger logger, string section, long version, int status, string error);

    [LoggerMessage(8205, LogLevel.Warning, "The hub gives no twin, which is asked for again: {Reason}")]
    internal static partial void NoTwin(this ILogger logger, string reason);

    [LoggerMessage(8207, LogLevel.Warning, "{Problem}")]
    internal static partial void LastGoodNotWritten(this ILogger logger, string problem);

    [LoggerMessage(8206, LogLevel.Warning, "The desired properties that the hub knows could not be read, and nothing of them is in force")]
    internal static partial void TwinUnreadable(this ILogger logger);
}
