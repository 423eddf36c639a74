using Microsoft.Extensions.Logging;

namespace EdgeGateway.Updates;

internal static partial class Log
{
    [LoggerMessage(8801, LogLevel.Information, "The update of {Slot} waits ({Code}): {Sentence}")]
    internal static partial void UpdateWaits(this ILogger logger, string slot, string code, string sentence);

    [LoggerMessage(8802, LogLevel.Warning, "The update of {Slot} is refused ({Code}): {Sentence}")]
    internal static partial void UpdateRefused(this ILogger logger, string slot, string code, string sentence);

    [LoggerMessage(8803, LogLevel.Information, "{Slot}: release {Release} of {Name} judges")]
    internal static partial void Activated(this ILogger logger, string slot, int release, string name);

    [LoggerMessage(8804, LogLevel.Error, "{Slot} is rolled back from release {Release} ({Code}): {Sentence}")]
    internal static partial void RolledBack(this ILogger logger, string slot, int release, string code, string sentence);

    [LoggerMessage(8805, LogLevel.Warning, "The {What} that the settings name is not here ({Code}): {Sentence}")]
    internal static partial void TrustWaits(this ILogger logger, string what, string code, string sentence);

    [LoggerMessage(8806, LogLevel.Error, "{Problem}")]
    internal static partial void UpdatesImpaired(this ILogger logger, string problem);

    [LoggerMessage(8807, LogLevel.Warning, "Device key: {Sentence}")]
    internal static partial void DeviceKeyNotReady(this ILogger logger, string sentence);

    [LoggerMessage(8808, LogLevel.Error, "Updates: the disk does not take what {Whose} ask for, which is tried again: {Sentence}")]
    internal static partial void DiskRefuses(this ILogger logger, string whose, string sentence);
}
