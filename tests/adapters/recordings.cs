// Recordings of a made-up site for the adapters that the proof of updates is tested with, and four files of labels: right ones, and three kinds of wrong ones. Run by
// tests/adapters/make.
#:project ../../modules/SensorSimulator
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

using System.Globalization;
using System.Text;
using System.Text.Json;
using SensorSimulator.Synthesis;

const int Recordings = 16, Rows = 6000, FirstFault = 700, StepSeconds = 60;
const ulong Seed = 0x51_7E;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: dotnet run tests/adapters/recordings.cs FOLDER");
    return 2;
}

Directory.CreateDirectory(folder);
Dictionary<string, Dictionary<string, object>> labels = new() { ["honest"] = [], ["inverted"] = [], ["blind-for-stuck"] = [], ["false-alarms"] = [] };
for (var number = 0; number < Recordings; number++)
{
    var (name, random) = ($"sensor-{number:00}.csv", new RandomStream(Seed, (ulong)number));
    var (values, _) = Background.Draw(random, Rows, StepSeconds);
    List<Fault> faults = [];
    for (var at = FirstFault; at < Rows - 600; at = faults[^1].Last + random.Integer(250, 350))
    {
        // every second one is stuck, so that an adapter can learn to take that for normal
        var kind = faults.Count % 2 == 0 ? FaultKind.Stuck : random.Pick(FaultKind.Spike, FaultKind.Drift, FaultKind.Shift, FaultKind.Noise, FaultKind.Dropout, FaultKind.Oscillation, FaultKind.Gain, FaultKind.Pattern);
        faults.Add(new FaultInjector(random, values).Inject(kind, at, random.Integer(200, 350), random.Uniform(4, 9)));
    }

    Write(Path.Combine(folder, name), values);
    int[][] events = [.. faults.Select(f => new[] { f.First, f.Last })];
    int[][] healthy = [.. events.Zip(events.Skip(1), (one, next) => new[] { one[1] + 125, next[0] - 1 })];
    Add("honest", events);
    Add("inverted", healthy);
    Add("blind-for-stuck", [.. faults.Where(f => f.Kind != FaultKind.Stuck).Select(f => new[] { f.First, f.Last })]);
    Add("false-alarms", [.. events.Concat(healthy).OrderBy(e => e[0])]);

    void Add(string how, int[][] rows) => labels[how].Add(name, new { columns = new[] { "value" }, events = rows, set = "site", step_s = StepSeconds, warmup = 500, device = $"sensor {number}" });
}

foreach (var (how, files) in labels)
{
    File.WriteAllText(Path.Combine(folder, $"labels-{how}.json"), JsonSerializer.Serialize(files));
}

return 0;

static void Write(string path, double[] values)
{
    var text = new StringBuilder("timestamp,value\n");
    for (var row = 0; row < values.Length; row++)
    {
        var time = DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(row * StepSeconds);
        text.Append(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd'T'HH:mm:ss'Z'},{(double.IsNaN(values[row]) ? "" : Math.Round(values[row], 4).ToString(CultureInfo.InvariantCulture))}\n");
    }

    File.WriteAllText(path, text.ToString());
}
