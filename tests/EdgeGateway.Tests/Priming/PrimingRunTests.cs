using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using EdgeGateway.Ingest;
using EdgeGateway.Priming;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Priming;

public sealed class PrimingRunTests : IDisposable
{
    private const int Needed = 300;
    private static readonly DateTimeOffset Begin = Any.Noon.AddDays(-200);
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);

    private GatewaySettings settings = Any.Settings(Any.Source("plant/{pump}", values: ["p", "q"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_history_taught_is_what_the_same_live_readings_would_have()
    {
        await PrimeAsync(Csv(["plant/1/p"], 1000, (_, row) => Value(row)));
        var live = new SensorFields();
        var raw = new double[SensorFields.Count];
        for (var row = 0; row < 1000; row++)
        {
            live.Push(double.Parse(Value(row), CultureInfo.InvariantCulture), Begin.AddSeconds(row).ToUnixTimeSeconds(), raw);
        }

        live.StepClock();
        Assert.Equal(Written(live), Written(Assert.Single(Restored().Windower.States).Fields));
    }

    [Fact]
    public async Task The_first_full_window_after_it_is_one_to_judge_and_none_before_reaches_back_over_the_gap()
    {
        await PrimeAsync(Csv(["plant/1/p"], 304, (_, row) => Value(row)));
        var (windower, sensor) = (Restored().Windower, Restored().Sensors.Single());
        var closed = Live(windower, windower.States.Single().Sensor, 70).OfType<WindowSummary>().ToList();
        Assert.Equal([6L, 16, 26, 36, 46, 56, 66], closed.Select(w => w.FreshSamples));
        Assert.All(closed, w => Assert.True(w.Samples >= Needed));
        Assert.Equal(Any.Noon.AddSeconds(6), closed[^1].Start);
        Assert.Equal("plant/1/p", sensor.Id);
    }

    [Fact]
    public async Task The_gap_is_no_silence_no_missing_data_and_no_delay_of_a_limit()
    {
        settings = Any.Settings(settings.Sources[0] with
        {
            Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("p", new ValueRange(0, 100)),
            OnDelay = TimeSpan.FromMinutes(10),
        });
        await PrimeAsync(Csv(["plant/1/p"], 500, (_, row) => row > 490 ? "999" : Value(row)));
        var windower = Restored().Windower;
        windower.Observe(Any.Noon);
        var output = new List<StageEvent>();
        windower.Tick(Any.Noon.AddDays(1), output);
        Assert.Empty(output);
        windower.Add(new SensorReading(windower.States.Single().Sensor, Any.Noon.AddDays(1), 999, Any.Noon.AddDays(1), false, true), output);
        Assert.Empty(output);
        output = Live(windower, windower.States.Single().Sensor, 60, Any.Noon.AddDays(1).AddSeconds(1));
        Assert.All(output, happened => Assert.IsType<WindowSummary>(happened));
        Assert.All(output.OfType<WindowSummary>(), w => Assert.All(w.HopSamples, s => Assert.False(double.IsNaN(s.Value))));
    }

    [Fact]
    public async Task A_sensor_with_a_state_and_whatever_else_the_folder_holds_stay_as_they_are()
    {
        await PrimeAsync(Csv(["plant/1/p"], 400, (_, row) => Value(row)));
        var before = Records();
        var (run, primed) = await PrimeAsync(Csv(["plant/1/p", "plant/2/p"], 350, (_, _) => "7"));
        Assert.Equal(["plant/2/p"], primed.Select(p => p.Id));
        Assert.Contains("column plant/1/p: it has a state already, which stays as it is", Assert.Single(run.LeftOut), StringComparison.Ordinal);
        var after = Records();
        Assert.Equal(before, after.Take(before.Count));
        Assert.Equal(["plant/1/p", "plant/2/p"], Restored().Sensors.Select(s => s.Id).Order(StringComparer.Ordinal));
        Assert.Equal([400L, 350], Restored().Windower.States.OrderBy(s => s.Sensor.Id, StringComparer.Ordinal).Select(s => s.Samples));
    }

    [Fact]
    public async Task A_snapshot_of_a_gateway_that_ran_keeps_when_it_was_made()
    {
        SnapshotWriter.Write(Snapshot, new SnapshotHeader(17, Any.Noon.AddHours(-1)), []);
        await PrimeAsync(Csv(["plant/1/p"], 10, (_, row) => Value(row)));
        Assert.True(SnapshotReader.TryRead(Snapshot, out var header, (_, _) => { }, out _));
        Assert.Equal((17, Any.Noon.AddHours(-1)), (header.JournalPosition, header.ObservedUntil));
        File.Delete(Snapshot);
        await PrimeAsync(Csv(["plant/1/p"], 10, (_, row) => Value(row)));
        Assert.True(SnapshotReader.TryRead(Snapshot, out header, (_, _) => { }, out _));
        Assert.Null(header.ObservedUntil);
    }

    [Fact]
    public async Task Cells_without_a_number_are_no_readings_and_what_means_missing_is_none_either()
    {
        settings = Any.Settings(settings.Sources[0] with { Invalid = [-9999] });
        var (_, primed) = await PrimeAsync(Csv(["plant/1/p", "plant/1/q"], 600, (column, row) => column == 0 ? Value(row) : (row % 3) switch { 0 => "5", 1 => "", _ => row % 2 == 0 ? "NaN" : "-9999" }));
        Assert.Equal([("plant/1/p", 600L, 0L), ("plant/1/q", 200L, 100L)], primed.Select(p => (p.Id, p.Samples, p.Missing)));
        Assert.Equal(Begin.AddSeconds(597), primed[1].Until);
    }

    [Fact]
    public async Task A_sensor_that_reports_on_change_is_sampled_as_it_would_be_live()
    {
        settings = Any.Settings(settings.Sources[0] with { Sample = TimeSpan.FromSeconds(10) });
        var (_, primed) = await PrimeAsync(Csv(["plant/1/p"], 31, (_, row) => row is 0 or 30 ? "1" : ""));
        Assert.Equal((3L, Begin.AddSeconds(20)), (primed[0].Samples, primed[0].Until));
    }

    [Fact]
    public async Task Several_files_go_on_where_the_one_before_ended()
    {
        var (older, newer) = (Csv(["plant/1/p"], 200, (_, row) => Value(row)), Csv(["plant/1/p"], 200, (_, row) => Value(row), Begin.AddSeconds(200)));
        Assert.Equal(400, (await PrimeAsync(older, newer)).Primed[0].Samples);
        File.Delete(Snapshot);
        var sentence = (await Assert.ThrowsAsync<FormatException>(() => PrimeAsync(newer, older))).Message;
        Assert.StartsWith($"{older}, line 2: the time ", sentence, StringComparison.Ordinal);
        Assert.EndsWith("name the older of several files first.", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_of_values_are_primed_with_the_name_of_their_asset()
    {
        var run = NewRun();
        run.Take(Csv(["p", "q"], 10, (_, row) => Value(row)), "plant/1", _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(["plant/1/p", "plant/1/q"], run.Finish(Needed).Select(p => p.Id));
        await run.WriteAsync();
        Assert.Equal(2, Restored().Sensors.Count);
    }

    [Theory]
    [InlineData("other/1/p", "no source gives a sensor of this id")]
    [InlineData("plant/4/p", "another process of the partition judges it")]
    [InlineData("plant/3/q", "there are 1 sensors with it (bounds.sensors)")]
    public async Task A_column_that_cannot_be_a_sensor_is_left_out_with_the_reason(string column, string reason)
    {
        var of3 = Enumerable.Range(0, 2).First(index => new Partition(2, index).OwnerOf("plant/3") == index);
        settings = settings with { Partition = new Partition(2, of3), Bounds = new BoundsSettings(1, 1000) };
        Assert.NotEqual(of3, settings.Partition.OwnerOf("plant/4"));
        var (run, primed) = await PrimeAsync(Csv(["plant/3/p", column], 10, (_, row) => Value(row)));
        Assert.Equal(["plant/3/p"], primed.Select(p => p.Id));
        Assert.Contains($"column {column}: {reason}", Assert.Single(run.LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_without_any_number_makes_no_sensor()
    {
        var run = NewRun();
        run.Take(Csv(["plant/1/p"], 10, (_, _) => ""), null, _ => { }, TestContext.Current.CancellationToken);
        Assert.Empty(run.Finish(Needed));
        Assert.Equal(["plant/1/p: it has no number in any line."], run.LeftOut);
    }

    [Theory]
    [InlineData("timestamp,plant/1/p\n2026-01-01T00:00:01,1\n2026-01-01T00:00:00,2\n", "line 3: the time 2026-01-01 00:00:00Z goes back behind 2026-01-01 00:00:01Z")]
    [InlineData("timestamp,plant/1/p\n2099-01-01T00:00:01,1\n", "line 2: the time 2099-01-01 00:00:01Z is ahead of this machine's clock, 2026-11-24 12:00:00Z")]
    [InlineData("timestamp,plant/1/p\n1999-01-01T00:00:01,1\n", "line 2: the time 1999-01-01 00:00:01Z is before the year 2000")]
    [InlineData("timestamp,plant/1/p\nnoon,1\n", "line 2: \"noon\" is no time")]
    [InlineData("timestamp,plant/1/p\n2026-01-01T00:00:01,\"1,5\"\n", "line 2: expected 2 cells")]
    [InlineData("timestamp,plant/1/p\n2026-01-01T00:00:01,open\n", "line 2: \"open\" in column plant/1/p is no number")]
    [InlineData("", "line 1: expected a header")]
    [InlineData("plant/1/p\n1\n", "line 1: expected a header")]
    public void A_file_that_cannot_be_used_is_one_sentence_and_nothing_is_written(string text, string sentence)
    {
        var path = folder.File("history.csv");
        File.WriteAllText(path, text);
        Assert.Contains(sentence, Assert.Throws<FormatException>(() => NewRun().Take(path, null, _ => { }, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Snapshot));
    }

    [Fact]
    public void A_damaged_snapshot_is_not_replaced()
    {
        File.WriteAllText(Snapshot, "rubbish");
        Assert.Contains("it is no snapshot); start the gateway once", Assert.Throws<IOException>(NewRun).Message, StringComparison.Ordinal);
        Assert.Equal("rubbish", File.ReadAllText(Snapshot));
    }

    private string Snapshot => folder.File("sensors.snapshot");

    private PrimingRun NewRun() => new(settings, Snapshot, Any.Noon.AddYears(-1), clock);

    private async Task<(PrimingRun Run, IReadOnlyList<PrimedSensor> Primed)> PrimeAsync(params string[] files)
    {
        var run = NewRun();
        foreach (var file in files)
        {
            run.Take(file, null, _ => { }, TestContext.Current.CancellationToken);
        }

        var primed = run.Finish(Needed);
        await run.WriteAsync();
        return (run, primed);
    }

    private string Csv(string[] columns, int rows, Func<int, int, string> cell, DateTimeOffset? begin = null)
    {
        var path = folder.File($"{Guid.NewGuid():N}.csv");
        File.WriteAllLines(path, Enumerable.Range(0, rows).Select(row =>
            $"{(begin ?? Begin).AddSeconds(row):yyyy-MM-ddTHH:mm:ss},{string.Join(',', columns.Select((_, column) => cell(column, row)))}").Prepend($"time,{string.Join(',', columns)}"));
        return path;
    }

    private static string Value(int row) => string.Create(CultureInfo.InvariantCulture, $"{50 + (10 * Math.Sin(row / 9.0)) + (row * 37 % 11 / 10.0)}");

    private List<(string Name, string Content)> Records()
    {
        var records = new List<(string, string)>();
        Assert.True(SnapshotReader.TryRead(Snapshot, out _, (name, bytes) => records.Add((name, Convert.ToHexString(bytes))), out var reason), reason);
        return records;
    }

    /// <summary>What the next start of the gateway makes of the snapshot.</summary>
    private (Windower Windower, IReadOnlyCollection<Sensor> Sensors) Restored()
    {
        var (registry, windower) = (new SensorRegistry(settings), new Windower());
        var ingest = IngestState.Create(settings, registry, new ClockState(clock, Any.Noon.AddYears(-1)), new Accounting(), rejected: null);
        Assert.True(SnapshotReader.TryRead(Snapshot, out _, (name, section) =>
        {
            if (name == IngestState.Section)
            {
                ingest.Restore(section);
            }
            else
            {
                Assert.True(WindowsSnapshot.TryRestore(windower, name, section, registry));
            }
        }, out var reason), reason);
        Assert.Empty(ingest.Left);
        return (windower, registry.Sensors);
    }

    private static List<StageEvent> Live(Windower windower, Sensor sensor, int samples, DateTimeOffset? begin = null)
    {
        var output = new List<StageEvent>();
        for (var second = 0; second < samples; second++)
        {
            var at = (begin ?? Any.Noon).AddSeconds(second);
            windower.Add(new SensorReading(sensor, at, 50 + (second % 7), at, ClockStep: false, LastOfMessage: true), output);
        }

        return output;
    }

    private static byte[] Written(SensorFields fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        fields.WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
