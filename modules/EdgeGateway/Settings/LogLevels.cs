using Microsoft.Extensions.Logging;

namespace EdgeGateway.Settings;

/// <summary>The names that IoT Edge has for log levels (RuntimeLogLevel of the edgeAgent).</summary>
internal static class LogLevels
{
    private static readonly (string Name, LogLevel Level)[] All =
    [
        ("fatal", LogLevel.Critical), ("error", LogLevel.Error), ("warning", LogLevel.Warning), ("info", LogLevel.Information), ("debug", LogLevel.Debug), ("verbose", LogLevel.Trace),
    ];

    /// <summary>Name and level, the most serious first.</summary>
    public static ReadOnlySpan<(string Name, LogLevel Level)> Names => All;

    /// <summary>The level of a name; null for any other text.</summary>
    public static LogLevel? Parse(string? name) => All.FirstOrDefault(l => string.Equals(l.Name, name, StringComparison.OrdinalIgnoreCase)) is { Name: not null } found ? found.Level : null;

    /// <summary>The name of a level.</summary>
    public static string NameOf(LogLevel level) => All.First(l => l.Level == level).Name;
}
