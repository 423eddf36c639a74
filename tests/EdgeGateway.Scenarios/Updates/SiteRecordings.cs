using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Scenarios.Updates;

/// <summary>
/// Further sensors of the made-up site that the adapters of <c>tests/vectors/adapters</c> were trained for: made as <c>tests/adapters/recordings.cs</c> makes those of the training, of streams of chance that it never draws from.
/// </summary>
internal static class SiteRecordings
{
    private const ulong Site = 0x51_7E;
    private const ulong FirstUnseen = 1000;
    private const int Rows = 6000;
    private const int LiveRows = 40_000;
    private const int FirstFault = 700;
    private const int StepSeconds = 60;
    private static readonly FaultKind[] Others = [FaultKind.Spike, FaultKind.Drift, FaultKind.Shift, FaultKind.Noise, FaultKind.Dropout, FaultKind.Oscillation, FaultKind.Gain, FaultKind.Pattern];

    /// <summary>Writes recordings with right labels, as <c>replay</c> reads them.</summary>
    public static void Write(string folder, int sensors)
    {
        Directory.CreateDirectory(folder);
        var labels = new JsonObject();
        for (var number = 0; number < sensors; number++)
        {
            var (values, faults) = Draw(number);
            var events = new JsonArray([.. faults.Select(f => new JsonArray(f.First, f.Last))]);
            labels[$"sensor-{number:00}.csv"] = new JsonObject { ["columns"] = new JsonArray("value"), ["events"] = events, ["set"] = "site", ["step_s"] = StepSeconds, ["warmup"] = 500, ["device"] = $"sensor {number}" };
            File.WriteAllLines(Path.Combine(folder, $"sensor-{number:00}.csv"), [.. values.Select((value, row) => $"{Time(row)},{Text(value)}").Prepend("timestamp,value")]);
        }

        File.WriteAllText(Path.Combine(folder, "labels.json"), labels.ToJsonString());
    }

    /// <summary>Healthy sensors of the site as they send, all of them in one message a minute: what a plant shows nearly all of its time.</summary>
    public static IEnumerable<string> Messages(int sensors)
    {
        double[][] series = [.. Enumerable.Range(0, sensors).Select(number => Background.Draw(new RandomStream(Site, FirstUnseen + (ulong)number), LiveRows, StepSeconds).Values)];
        return Enumerable.Range(0, LiveRows).Select(row => $$"""{"ts":"{{Time(row)}}",{{string.Join(',', series.Select((s, number) => $"\"s{number:00}\":{Text(s[row])}"))}}}""");
    }

    private static (double[] Values, List<Fault> Faults) Draw(int number)
    {
        var random = new RandomStream(Site, FirstUnseen + (ulong)number);
        var (values, _) = Background.Draw(random, Rows, StepSeconds);
        List<Fault> faults = [];
        for (var at = FirstFault; at < Rows - 600; at = faults[^1].Last + random.Integer(250, 350))
        {
            var kind = faults.Count % 2 == 0 ? FaultKind.Stuck : random.Pick(Others);
            faults.Add(new FaultInjector(random, values).Inject(kind, at, random.Integer(200, 350), random.Uniform(4, 9)));
        }

        return (values, faults);
    }

    private static string Time(int row) => DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(row * StepSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(double value) => double.IsNaN(value) ? "" : Math.Round(value, 4).ToString(CultureInfo.InvariantCulture);
}
