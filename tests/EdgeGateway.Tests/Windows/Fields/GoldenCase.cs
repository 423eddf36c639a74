using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>A recording of the shared reference with the fields that the Python reference made of it.</summary>
internal sealed record GoldenCase(string Name, List<(double Seconds, double Value)> Samples, List<GoldenHop> Hops)
{
    public static GoldenCase Load(string name)
    {
        using var index = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("reference/golden/index.json")));
        var entry = index.RootElement.GetProperty(name);
        var samples = entry.TryGetProperty("csv", out var csv)
            ? ReadInput("reference/golden/" + csv.GetString(), "seconds", "value")
            : ReadInput("data/" + entry.GetProperty("data").GetString(), "timestamp", entry.GetProperty("column").GetString()!);
        return new GoldenCase(
            name,
            [.. samples.Take(entry.GetProperty("samples").GetInt32())],
            ReadHops("reference/golden/" + entry.GetProperty("output").GetString()));
    }

    /// <summary>Level edges that the digits were cut with, by field in prompt order.</summary>
    public static double[][] Edges()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("reference/edges.json")));
        var edges = file.RootElement.GetProperty("edges");
        return [.. SensorFields.Names.Select(name => edges.GetProperty(name).EnumerateArray().Select(edge => edge.GetDouble()).ToArray())];
    }

    private static List<(double, double)> ReadInput(string relative, string timeColumn, string valueColumn)
    {
        var lines = File.ReadAllLines(SharedFolder.Require(relative));
        var header = lines[0].Split(',');
        var (time, value) = (Array.IndexOf(header, timeColumn), Array.IndexOf(header, valueColumn));
        return [.. lines.Skip(1).Select(line => line.Split(',')).Select(cells => (Seconds(cells[time]), Number(cells[value])))];
    }

    private static List<GoldenHop> ReadHops(string relative)
    {
        using var file = File.OpenRead(SharedFolder.Require(relative));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        Assert.Equal(["row", "digits", .. SensorFields.Names], reader.ReadLine()!.Split(','));
        var hops = new List<GoldenHop>();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            hops.Add(new GoldenHop(int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], [.. cells.Skip(2).Select(Number)]));
        }
        return hops;
    }

    private static double Seconds(string cell) =>
        double.TryParse(cell, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : (DateTimeOffset.Parse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static double Number(string cell) => cell switch
    {
        "" => double.NaN,
        "inf" => double.PositiveInfinity,
        _ => double.Parse(cell, CultureInfo.InvariantCulture),
    };
}

/// <summary>What the reference made at one hop end; no digits = no fields yet.</summary>
internal sealed record GoldenHop(int Row, string Digits, double[] Raw);
