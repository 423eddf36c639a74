using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EdgeGateway.Storage;

/// <summary>A stretch of the samples of one asset, as it lies on disk.</summary>
/// <param name="Source">Name of the source in the settings.</param>
/// <param name="Alerts">Anomalies and limits that were raised in it; none for a stretch of normal operation.</param>
/// <param name="Sensors">At least one.</param>
internal sealed record Recording(string Asset, string Source, ImmutableArray<RecordedAlert> Alerts, ImmutableArray<RecordedSensor> Sensors)
{
    private const int Longest = 64 << 20;

    private static ReadOnlySpan<byte> Magic => "EGREC\u0001"u8;

    /// <summary>Magic, SHA-256 of what follows, plain length i32, content: Brotli where shorter than plain.</summary>
    public byte[] ToBytes()
    {
        using var plain = new MemoryStream();
        using (var writer = new BinaryWriter(plain))
        {
            Write(writer);
        }

        var content = plain.ToArray();
        byte[] body = [.. BitConverter.GetBytes(content.Length), .. Packing.Pack(content).Span];
        return [.. Magic, .. SHA256.HashData(body), .. body];
    }

    /// <summary>Null for anything that is not what <see cref="ToBytes"/> made.</summary>
    public static Recording? Read(ReadOnlySpan<byte> bytes)
    {
        var head = Magic.Length + SHA256.HashSizeInBytes;
        if (bytes.Length < head + sizeof(int) || !bytes.StartsWith(Magic) || !SHA256.HashData(bytes[head..]).AsSpan().SequenceEqual(bytes[Magic.Length..head]))
        {
            return null;
        }

        var length = BitConverter.ToInt32(bytes[head..]);
        if (length is < 0 or > Longest || !Packing.TryUnpack(bytes[(head + sizeof(int))..].ToArray(), length, out var content))
        {
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(content));
        return Read(reader);
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(Asset);
        writer.Write(Source);
        writer.Write(Alerts.Length);
        foreach (var alert in Alerts)
        {
            writer.Write(alert.AlertId);
            writer.Write(alert.Sensor);
            writer.Write(alert.Begin.UtcTicks);
            writer.Write(alert.End?.UtcTicks ?? 0);
        }

        writer.Write(Sensors.Length);
        foreach (var sensor in Sensors)
        {
            writer.Write(sensor.Id);
            writer.Write(sensor.Unit);
            writer.Write(sensor.Samples.Length);
            var before = 0L;
            foreach (var sample in sensor.Samples)
            {
                // equal steps are equal bytes, which Brotli makes next to nothing of
                writer.Write(sample.Ticks - before);
                before = sample.Ticks;
            }

            foreach (var sample in sensor.Samples)
            {
                writer.Write(sample.Value);
            }
        }
    }

    private static Recording Read(BinaryReader reader)
    {
        var (asset, source) = (reader.ReadString(), reader.ReadString());
        var alerts = new RecordedAlert[reader.ReadInt32()];
        for (var i = 0; i < alerts.Length; i++)
        {
            alerts[i] = new RecordedAlert(reader.ReadString(), reader.ReadString(), new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero), reader.ReadInt64() is var end and > 0 ? new DateTimeOffset(end, TimeSpan.Zero) : null);
        }

        var sensors = new RecordedSensor[reader.ReadInt32()];
        for (var i = 0; i < sensors.Length; i++)
        {
            var (id, unit, samples, ticks) = (reader.ReadString(), reader.ReadString(), new SensorSample[reader.ReadInt32()], 0L);
            for (var s = 0; s < samples.Length; s++)
            {
                ticks += reader.ReadInt64();
                samples[s] = new SensorSample(ticks, double.NaN);
            }

            for (var s = 0; s < samples.Length; s++)
            {
                samples[s] = samples[s] with { Value = reader.ReadDouble() };
            }

            sensors[i] = new RecordedSensor(id, unit, [.. samples]);
        }

        return new Recording(asset, source, [.. alerts], [.. sensors]);
    }
}

/// <summary>An alert in a recording.</summary>
/// <param name="Sensor">The leading one.</param>
/// <param name="Begin">Event time of the first sample of the window that raised it.</param>
/// <param name="End">Event time at which it was cleared; null where the recording ended before.</param>
internal sealed record RecordedAlert(string AlertId, string Sensor, DateTimeOffset Begin, DateTimeOffset? End);

/// <summary>The samples of one sensor, event times rising.</summary>
internal sealed record RecordedSensor(string Id, string Unit, ImmutableArray<SensorSample> Samples);

/// <summary>One sample.</summary>
/// <param name="Ticks">Event time, UTC.</param>
/// <param name="Value">In the sensor's unit; NaN = missing.</param>
internal readonly record struct SensorSample(long Ticks, double Value);
