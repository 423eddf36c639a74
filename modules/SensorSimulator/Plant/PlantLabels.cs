using System.Text.Json;

namespace SensorSimulator.Plant;

/// <summary>The truth about a plant as JSON: <c>{"seed":1,"start":"...","seconds":3600,"faults":[{"start":"...","end":"...","asset":"...","sensor":"...","kind":"drift","size":4.2,"scale":0.1}]}</c>.</summary>
public static class PlantLabels
{
    /// <summary>Writes the labels; times are UTC, a fault's end is its last sample, its scale is in the sensor's unit.</summary>
    public static void Write(Stream destination, ulong seed, DateTimeOffset start, Plant plant)
    {
        using var json = new Utf8JsonWriter(destination, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("seed", seed);
        json.WriteString("start", start.UtcDateTime);
        json.WriteNumber("seconds", plant.Seconds);
        json.WriteStartArray("faults");
        foreach (var fault in plant.Faults)
        {
            json.WriteStartObject();
            json.WriteString("start", fault.Start.UtcDateTime);
            json.WriteString("end", fault.End.UtcDateTime);
            json.WriteString("asset", fault.Asset);
            json.WriteString("sensor", fault.Sensor);
            json.WriteString("kind", fault.Kind.ToString().ToLowerInvariant());
            json.WriteNumber("size", fault.Size);
            json.WriteNumber("scale", fault.Scale);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
