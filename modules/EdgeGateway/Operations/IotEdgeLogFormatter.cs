using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGateway.Operations;

/// <summary>
/// One message a line in the form of IoT Edge's own modules, so that the edgeAgent's log methods can filter it by severity and time:
/// <c>&lt;S&gt; yyyy-MM-dd HH:mm:ss.fff zzz [LVL] - text</c>, S a severity of syslog (RFC 5424, section 6.2.1). Text starts with who says it and the number of the message.
/// </summary>
internal sealed class IotEdgeLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatName)
{
    /// <summary>Its name among formatters.</summary>
    public const string FormatName = "iotEdge";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var (severity, level) = Of(logEntry.LogLevel);
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var fault = logEntry.Exception is null ? "" : $": {logEntry.Exception}";
        textWriter.WriteLine(PlainText.Of(string.Create(CultureInfo.InvariantCulture,
            $"<{severity}> {clock.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff zzz} [{level}] - {logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]}[{logEntry.EventId.Id}] {text}{fault}")));
    }

    private static (int Severity, string Level) Of(LogLevel level) => level switch
    {
        LogLevel.Critical => (0, "FTL"),
        LogLevel.Error => (3, "ERR"),
        LogLevel.Warning => (4, "WRN"),
        LogLevel.Information => (6, "INF"),
        LogLevel.Debug => (7, "DBG"),
        _ => (7, "VRB"),
    };
}
