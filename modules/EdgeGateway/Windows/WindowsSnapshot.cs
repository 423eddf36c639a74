using EdgeGateway.Ingest;
using EdgeGateway.Storage;

namespace EdgeGateway.Windows;

/// <summary>The Windows stage's part of a snapshot: one section a sensor.</summary>
internal static class WindowsSnapshot
{
    private const string Prefix = "sensor:";

    public static void Write(Windower windower, SnapshotWriter snapshot)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        foreach (var state in windower.States)
        {
            buffer.SetLength(0);
            state.WriteTo(writer);
            writer.Flush();
            snapshot.Append(Prefix + state.Sensor.Id, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        }
    }

    /// <summary>Puts back the sensors that the registry still knows.</summary>
    public static void Restore(Windower windower, Snapshot snapshot, SensorRegistry registry)
    {
        foreach (var sensor in registry.Sensors)
        {
            if (snapshot.Find(Prefix + sensor.Id) is { } section)
            {
                using var reader = new BinaryReader(new MemoryStream(section));
                windower.Restore(SensorState.Read(sensor, reader));
            }
        }
    }
}
