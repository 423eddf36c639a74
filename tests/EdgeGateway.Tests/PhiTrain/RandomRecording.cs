using System.Globalization;
using System.Text;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>A recording of 4,000 minutes of noise, without events.</summary>
internal static class RandomRecording
{
    public static LabelledRecording Write(TemporaryFolder folder, int sensors)
    {
        var (random, start) = (new Random(sensors), new DateTime(2024, 1, 1));
        string[] names = [.. Enumerable.Range(0, sensors).Select(i => $"s{i}")];
        var text = new StringBuilder($"timestamp,{string.Join(',', names)}\n");
        for (var row = 0; row < 4000; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{start.AddMinutes(row):s}{string.Concat(names.Select(_ => string.Create(CultureInfo.InvariantCulture, $",{random.NextDouble():0.000}")))}\n");
        }

        File.WriteAllText(folder.File("r.csv"), text.ToString());
        return new LabelledRecording(folder.File("r.csv"), "r.csv", new SeriesLabels([.. names], [], "s", 60, 300));
    }
}
