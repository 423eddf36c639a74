using Microsoft.Extensions.Logging;

namespace EdgeGateway.Operations;

/// <summary>The lowest level that is logged, changed while the gateway runs.</summary>
/// <param name="initial">The level where neither settings nor a command say another.</param>
internal sealed class LogSwitch(LogLevel initial)
{
    private volatile int level = (int)initial;

    /// <summary>The level at the start.</summary>
    public LogLevel Initial => initial;

    /// <summary>The level in force.</summary>
    public LogLevel Level
    {
        get => (LogLevel)level;
        set => level = (int)value;
    }

    /// <summary>Whether a message of a category is logged; the frameworks below us speak up from warnings on.</summary>
    public bool Allows(string? category, LogLevel asked) =>
        asked >= Level && (asked >= LogLevel.Warning || category is null || !category.StartsWith("Microsoft", StringComparison.Ordinal));
}
