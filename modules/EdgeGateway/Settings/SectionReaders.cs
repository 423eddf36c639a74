using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>The sections of one or two keys. Each is valid alone and whole when absent.</summary>
internal static class SectionReaders
{
    private static readonly TimeSpan LongestCalm = TimeSpan.FromDays(7);

    public static DetectionSettings Detection(SettingsField? field)
    {
        var budget = Open(field, "detection")?["budget"];
        if (budget is not { } share || (share.Is(JsonValueKind.String) && share.Value.GetString() == "auto"))
        {
            return new DetectionSettings(BudgetPercent: null);
        }

        if (share.Is(JsonValueKind.Number))
        {
            return new DetectionSettings((int?)share.Integer(1, 100));
        }

        share.Error($"is {share.Shown()}; write \"auto\" or a whole number of percent from 1 to 100");
        return new DetectionSettings(BudgetPercent: null);
    }

    public static AlertSettings Alerts(SettingsField? field) =>
        new(Open(field, "alerts")?["clearAfter"]?.Duration(TimeSpan.Zero, LongestCalm) ?? TimeSpan.Zero);

    public static BoundsSettings Bounds(SettingsField? field)
    {
        var section = Open(field, "bounds");
        return new BoundsSettings(
            (int)(section?["sensors"]?.Integer(1, 100_000) ?? 4_000),
            (int)(section?["messageBytes"]?.Integer(64, 16 << 20) ?? 256 << 10));
    }

    public static StorageSettings Storage(SettingsField? field) =>
        new(Open(field, "storage")?["writeBudgetBytes"]?.Integer(1_000_000, 1_000_000_000_000) ?? 2_000_000_000);

    public static string? ModelPath(SettingsField? field) => Open(field, "model")?["path"]?.Text(most: 4096, "the folder of a model");

    private static SettingsSection? Open(SettingsField? field, string level) => field is { } present ? SettingsSection.Open(present, level) : null;
}
