using EdgeGateway.Ingest;
using EdgeGateway.Stages;

namespace EdgeGateway.Windows;

/// <summary>The Windows stage's part of a snapshot: one section a sensor.</summary>
internal static class WindowsSnapshot
{
    private const string Prefix = "sensor:";

    public static void Write(Windower windower, OpenSnapshot snapshot)
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

    /// <summary>Id of the sensor that a section is of; null when the section is not of this stage.</summary>
    public static string? SensorOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    /// <summary>Puts back one sensor, unless the registry does not know it or it is sampled in another way; false when the section is not of this stage.</summary>
    public static bool TryRestore(Windower windower, string name, byte[] section, SensorRegistry registry)
    {
        if (SensorOf(name) is not { } id)
        {
            return false;
        }

        if (registry.ById(id) is { } sensor)
        {
            using var reader = new BinaryReader(new MemoryStream(section));
            if (SensorState.Read(sensor, reader) is { } state)
            {
                windower.Restore(state);
            }
        }

        return true;
    }
}
