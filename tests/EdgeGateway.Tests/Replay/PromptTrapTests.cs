using System.Globalization;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Replay;

/// <summary>What a model must never be told (detection recipe, section 10): it would judge by it in training and be lost at a site.</summary>
public sealed class PromptTrapTests : IDisposable
{
    private static readonly ReplayFile Recording = ReplayFile.At(Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings"))[0];
    private readonly TemporaryFolder folder = new();
    private readonly SensorModel sensor = SensorModel.Load(LoadedModel.BuiltIn);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_date_does_not_reach_the_prompt() =>
        Assert.Equal(Prompts(Recording), Prompts(Changed("later.csv", (time, value) => (time.AddDays(4000), value))));

    [Fact]
    public void The_size_of_the_values_does_not_reach_the_prompt() =>
        Assert.Equal(Prompts(Recording), Prompts(Changed("large.csv", (time, value) => (time, 1024 * value))));

    [Fact]
    public void The_name_of_the_recording_and_its_labels_do_not_reach_the_prompt()
    {
        var copy = folder.File("spike fault.csv");
        File.Copy(Recording.Path, copy);
        var everywhere = Recording.Labels! with { Events = [[0, 500]], Kinds = ["drift"], Set = "other" };
        Assert.Equal(Prompts(Recording), Prompts(new ReplayFile(copy, "spike fault.csv", everywhere)));
        Assert.Equal(Prompts(Recording), Prompts(Recording with { Labels = null }));
    }

    /// <summary>
    /// A signal that repeats itself is seen in the same words for ever, but for part of a level where long histories can surprise more. A count of samples would move by several
    /// of its ten levels, which span 200 to 6,000 samples in training, while it grows sixfold.
    /// </summary>
    [Fact]
    public void The_number_of_samples_does_not_reach_the_prompt()
    {
        const int Day = 288; // samples of five minutes
        var path = folder.File("periodic.csv");
        var begin = DateTimeOffset.UnixEpoch.AddYears(50);
        File.WriteAllLines(path, Enumerable.Range(0, 60 * Day).Select(i => Row(begin.AddMinutes(5 * i), Math.Sin(2 * Math.PI * (i % Day) / Day))).Prepend("timestamp,v"));
        var prompts = Prompts(new ReplayFile(path, "periodic.csv", null));
        var (early, late) = (prompts.Skip(10 * Day / 10).Take(Day), prompts.TakeLast(Day));
        var moved = early.Zip(late, (a, b) => a.Zip(b, (x, y) => y - x).ToArray()).ToArray();
        Assert.All(Enumerable.Range(0, moved[0].Length), place => Assert.InRange(moved.Average(m => Math.Abs(m[place])), 0, .7));
    }

    /// <summary>The same recording with other times or values.</summary>
    private ReplayFile Changed(string name, Func<DateTimeOffset, double, (DateTimeOffset Time, double Value)> change)
    {
        using var recorded = RecordedSeries.Open(Recording.Path, null);
        var path = folder.File(name);
        File.WriteAllLines(path, recorded.Rows(_ => { }).Select(row => change(row.Time, row.Values[0])).Select(row => Row(row.Time, row.Value)).Prepend("timestamp,v"));
        return new ReplayFile(path, name, null);
    }

    private static string Row(DateTimeOffset time, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss},{(double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture))}");

    private List<string> Prompts(ReplayFile file)
    {
        using var listener = new PromptListener();
        new ReplayRun(() => listener, sensor, DetectionSettings.Default).Run([file], _ => { });
        Assert.NotEmpty(listener.Prompts);
        return listener.Prompts;
    }
}
