using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Windows;

/// <summary>
/// Which assets are out of service: by the windows of the settings and by commands, whichever lasts longest, by our clock as it is now. Each change is told once, in its place
/// in the stream. Used by the Windows stage alone.
/// </summary>
/// <param name="ended">Told when an asset is in service again.</param>
internal sealed class Maintenance(Action<string> ended)
{
    /// <summary>What was told, by asset.</summary>
    private readonly Dictionary<string, AssetMaintenance> outOfService = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AssetMaintenance> commanded = new(StringComparer.Ordinal);
    private readonly Queue<AssetMaintenance> past = new();
    private ImmutableArray<MaintenanceWindow> windows = [];

    /// <summary>Whether the asset is out of service.</summary>
    public bool IsOutOfService(string asset) => outOfService.ContainsKey(asset);

    /// <summary>Other windows count from the next tick on.</summary>
    public void Use(ImmutableArray<MaintenanceWindow> others) => windows = others;

    /// <summary>Our clock has come to here.</summary>
    public void Tick(DateTimeOffset now, IEnumerable<Sensor> sensors, List<StageEvent> output)
    {
        foreach (var asset in outOfService.Keys.ToList())
        {
            Look(asset, now, "", output);
        }

        if (windows.Any(w => w.EndAt(now) is not null))
        {
            foreach (var sensor in sensors.Where(s => !IsOutOfService(s.Asset)))
            {
                Look(sensor.Asset, now, "", output);
            }
        }
    }

    /// <summary>Carries out a command.</summary>
    public void Apply(MaintenanceCommand command, IEnumerable<Sensor> sensors, List<StageEvent> output)
    {
        command.Result = Refusal(command, sensors);
        if (command.Result is null)
        {
            commanded.Remove(command.Asset);
            if (command.For > TimeSpan.Zero)
            {
                commanded[command.Asset] = new AssetMaintenance(command.Asset, command.At + command.For, command.At, command.By, ByCommand: true);
            }

            Look(command.Asset, command.At, command.By, output);
            command.Result = new MaintenanceResult(200, "", outOfService.GetValueOrDefault(command.Asset)?.Until);
        }
    }

    /// <summary>The asset has no sensor any more.</summary>
    public void Forget(string asset, DateTimeOffset at, List<StageEvent> output)
    {
        commanded.Remove(asset);
        if (IsOutOfService(asset))
        {
            Tell(new AssetMaintenance(asset, null, at, "", ByCommand: false), output);
        }
    }

    /// <summary>After a restart: what earlier runs have told, in order.</summary>
    public void Restore(IEnumerable<AssetMaintenance> told)
    {
        foreach (var change in told.OrderBy(c => c.At))
        {
            past.Enqueue(change);
        }
    }

    /// <summary>What earlier runs have told up to this time holds again: the journal is worked off under it.</summary>
    public void Recall(DateTimeOffset time, List<StageEvent> output)
    {
        while (past.TryPeek(out var change) && change.At <= time)
        {
            past.Dequeue();
            if (change is { Until: not null, ByCommand: true })
            {
                commanded[change.Asset] = change;
            }

            Tell(change with { IsTold = true }, output);
        }
    }

    private MaintenanceResult? Refusal(MaintenanceCommand command, IEnumerable<Sensor> sensors)
    {
        var told = outOfService.GetValueOrDefault(command.Asset);
        return told is null && !sensors.Any(s => s.Asset == command.Asset) ? new(404, $"No sensor of an asset {command.Asset} has sent anything yet.")
            : command.For > TimeSpan.Zero || commanded.ContainsKey(command.Asset) ? null
            : told is null ? new(409, $"The asset {command.Asset} is not out of service.")
            : new(409, $"The asset {command.Asset} is out of service until {told.Until:u} by a window of the settings; change it in alerts.maintenance.");
    }

    /// <summary>Tells what is not as it was told.</summary>
    private void Look(string asset, DateTimeOffset now, string by, List<StageEvent> output)
    {
        if (commanded.TryGetValue(asset, out var command) && command.Until <= now)
        {
            commanded.Remove(asset);
        }

        var (told, wanted) = (outOfService.GetValueOrDefault(asset), Longest(asset, now));
        if (told?.Until != wanted?.Until || told?.ByCommand != wanted?.ByCommand)
        {
            Tell((wanted ?? new AssetMaintenance(asset, null, now, by, ByCommand: false)) with { At = now }, output);
        }
    }

    /// <summary>The one that lasts longest; null when there is none.</summary>
    private AssetMaintenance? Longest(string asset, DateTimeOffset now)
    {
        var longest = commanded.GetValueOrDefault(asset);
        foreach (var window in windows)
        {
            if (window.EndAt(now) is { } end && !(end <= longest?.Until) && window.Covers(asset))
            {
                longest = new AssetMaintenance(asset, end, now, $"alerts.maintenance.{window.Name}", ByCommand: false);
            }
        }

        return longest;
    }

    private void Tell(AssetMaintenance change, List<StageEvent> output)
    {
        if (change.Until is not null)
        {
            outOfService[change.Asset] = change;
        }
        else if (outOfService.Remove(change.Asset))
        {
            commanded.Remove(change.Asset);
            ended(change.Asset);
        }

        output.Add(change);
    }
}
