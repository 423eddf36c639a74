using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Stages;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Updates.Proving;

/// <summary>Windows as a plant gives them, in the order of their ends.</summary>
internal static class LiveStream
{
    /// <summary>A plant of generated sensors with a fault every few hundred samples; every second one is stuck.</summary>
    /// <param name="faulty">Else nothing ever goes wrong.</param>
    public static IReadOnlyList<WindowSummary> Plant(int sensors, int samples, bool faulty)
    {
        return InOrder(Enumerable.Range(0, sensors).Select(Series));

        (string, IEnumerable<RecordedRow>) Series(int number)
        {
            var random = new RandomStream(0x11FE, (ulong)number);
            var (values, _) = Background.Draw(random, samples, 60);
            for (var (at, count) = (500, 0); faulty && at < samples - 300; at += random.Integer(350, 500), count++)
            {
                var kind = count % 2 == 0 ? FaultKind.Stuck : (FaultKind)random.Weighted(FaultInjector.Weights);
                new FaultInjector(random, values).Inject(kind, at, random.Integer(100, 200), random.Uniform(4, 9));
            }

            return ($"sensor-{number}", values.Select((value, row) => new RecordedRow(DateTimeOffset.UnixEpoch.AddDays(20_000).AddMinutes(row), [value])));
        }
    }

    /// <summary>Recordings, all at once.</summary>
    public static IReadOnlyList<WindowSummary> Recorded(IEnumerable<ReplayFile> files) => InOrder(files.Select(file =>
    {
        using var recording = RecordedSeries.Open(file.Path, file.Labels?.Columns);
        return (file.Name, (IEnumerable<RecordedRow>)[.. recording.Rows(_ => { }).Select(row => row with { Values = row.Values[..1] })]);
    }));

    /// <summary>What a model says of the windows.</summary>
    public static Verdict[] Judge(this IReadOnlyList<WindowSummary> windows, JudgedModel judged)
    {
        var (judge, writer) = (new WindowJudge(judged.Model, judged.Sensor, new Accounting()), new PromptWriter(judged.Sensor));
        return [.. windows.Select(window => judge.Judge(writer.Write(window), withinBudget: true))];
    }

    private static IReadOnlyList<WindowSummary> InOrder(IEnumerable<(string Name, IEnumerable<RecordedRow> Rows)> series) =>
        [.. series.SelectMany(s => Windows(s.Name, s.Rows)).OrderBy(w => w.Samples)];

    private static List<WindowSummary> Windows(string name, IEnumerable<RecordedRow> rows)
    {
        var (sensor, windower, closed) = (Any.Sensor(name), new Windower(), new List<StageEvent>());
        windower.Observe(DateTimeOffset.MinValue);
        foreach (var row in rows)
        {
            windower.Add(new SensorReading(sensor, row.Time, row.Values[0], row.Time, false, true), closed);
        }

        return [.. closed.OfType<WindowSummary>()];
    }
}
