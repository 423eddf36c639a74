using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Alerts;

/// <summary>What a snapshot of the Alerts stage says is the same under the settings of the next start.</summary>
public sealed class AlertsSnapshotTests : IDisposable
{
    private const double High = 3;
    private const double Low = -3;
    private static readonly WindowRule ThreeOfFive = new(3, 5);
    private readonly Sensor sensor = Any.Sensor();
    private readonly TemporaryFolder folder = new();
    private readonly List<Alert> transitions = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Under_the_same_settings_the_rule_goes_on_where_it_was()
    {
        var restarted = await RestartAsync(DetectionSettings.Default, DetectionSettings.Default, High);
        Feed(restarted, 1, 0.5, High);
        Assert.Equal(1, Hop(Assert.Single(transitions)));
    }

    [Fact]
    public async Task More_windows_than_before_are_counted_as_far_as_they_were_judged()
    {
        var restarted = await RestartAsync(DetectionSettings.Default, DetectionSettings.Default with { Windows = ThreeOfFive }, High);
        Feed(restarted, 1, 0.5, High, High);
        Assert.Equal(2, Hop(Assert.Single(transitions)));
    }

    [Fact]
    public async Task Fewer_windows_than_before_are_counted_from_the_newest()
    {
        var restarted = await RestartAsync(DetectionSettings.Default with { Windows = ThreeOfFive }, DetectionSettings.Default, High, High, Low, Low);
        Feed(restarted, 4, 0.5, High, High);
        Assert.Equal(5, Hop(Assert.Single(transitions)));
    }

    [Fact]
    public async Task Windows_of_before_are_held_against_the_threshold_of_now()
    {
        var restarted = await RestartAsync(DetectionSettings.Default, DetectionSettings.Default with { Threshold = 2 }, 1);
        Feed(restarted, 1, 2, High, High);
        Assert.Equal(2, Hop(Assert.Single(transitions)));
    }

    [Fact]
    public async Task Where_nothing_was_raised_a_longer_silence_does_not_begin()
    {
        var restarted = await RestartAsync(DetectionSettings.Default, DetectionSettings.Default with { SilenceSamples = 10_000 }, High);
        Feed(restarted, 1, 0.5, High);
        Assert.Single(transitions);
    }

    [Fact]
    public async Task After_a_raised_anomaly_the_silence_of_now_counts_from_there()
    {
        var restarted = await RestartAsync(DetectionSettings.Default, DetectionSettings.Default with { SilenceSamples = 200 }, High, High);
        Feed(restarted, 2, 0.5, [.. Enumerable.Repeat(Low, 30)]);
        Assert.Equal([1, 21], transitions.Select(Hop));
    }

    [Fact]
    public void Of_a_snapshot_of_an_older_version_the_windows_count_as_not_judged()
    {
        using var section = new MemoryStream();
        using (var writer = new BinaryWriter(section, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(1);
            writer.Write(sensor.Asset);
            writer.Write(0L);
            writer.Write(1);
            writer.Write(sensor.Id);
            Array.ForEach([2.5, 2.5, 2.5], writer.Write);
            writer.Write(Any.Noon.UtcTicks);
            writer.Write(TimeSpan.FromSeconds(10).Ticks);
            writer.Write(30);
            writer.Write(new byte[SensorScores.KindHops]);
            writer.Write(0);
        }

        var restarted = NewRules(DetectionSettings.Default);
        AlertsSnapshot.Restore(restarted, section.ToArray());
        Feed(restarted, 1, 0.5, High, High);
        Assert.Equal(2, Hop(Assert.Single(transitions)));
    }

    private static AlertRules NewRules(DetectionSettings detection) => new(new AlertContent("north-3", Any.SensorModel().Under(detection)), detection, new AlertSettings(TimeSpan.Zero, MaxPerHour: 60), new Accounting());

    private static int Hop(Alert alert) => (int)(alert.Time - Any.Noon).TotalSeconds / 10;

    /// <summary>Feeds from hop 0, writes a snapshot, and reads it under other settings.</summary>
    private async Task<AlertRules> RestartAsync(DetectionSettings before, DetectionSettings after, params double[] scores)
    {
        var (rules, restarted) = (NewRules(before), NewRules(after));
        Feed(rules, 0, 0.5, scores);
        using var snapshot = new OpenSnapshot(folder.File("sensors.snapshot"), new SnapshotHeader(0, Any.Noon));
        AlertsSnapshot.Write(rules, snapshot, "north-3");
        await snapshot.CommitAsync();
        Assert.True(SnapshotReader.TryRead(folder.File("sensors.snapshot"), out _, (_, section) => AlertsSnapshot.Restore(restarted, section), out var reason), reason);
        return restarted;
    }

    private void Feed(AlertRules rules, int firstHop, double threshold, params double[] scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            rules.Add(Any.Verdict(sensor, firstHop + i, scores[i]) with { Threshold = threshold }, transitions);
        }
    }
}
