using EdgeGateway.Stages;

namespace EdgeGateway.Windows;

/// <summary>An asset goes out of service, will be back at another time than was said, or is back in service.</summary>
/// <param name="Until">Until when, our clock; null when it is in service again.</param>
/// <param name="At">Since when this holds, our clock.</param>
/// <param name="By">Who: a name that a command brought, or the key of the window in the settings; "" when the time was over.</param>
/// <param name="ByCommand">Whether a command decides until when; else a window of the settings.</param>
internal sealed record AssetMaintenance(string Asset, DateTimeOffset? Until, DateTimeOffset At, string By, bool ByCommand) : StageEvent
{
    /// <summary>An earlier run has told it, and its alert is on disk.</summary>
    public bool IsTold { get; init; }
}
