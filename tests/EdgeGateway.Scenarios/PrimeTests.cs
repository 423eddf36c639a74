using System.Globalization;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>EdgeGateway prime</c>, and what the gateway makes of it.</summary>
public class PrimeTests
{
    private const string Sensor = "plant/pump/pressure";
    private const int Live = 100;

    /// <summary>Half a year before the live readings.</summary>
    private static readonly DateTimeOffset History = new(2025, 7, 1, 6, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_primed_sensor_is_judged_from_its_first_full_window_on_and_a_fault_in_it_is_found()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        await WriteHistoryAsync(site, rows: 2000);
        using (var priming = Prime(site))
        {
            Assert.Equal(0, await priming.ExitAsync());
            Assert.Contains($"{Sensor}: 2,000 samples until 2025-07-01 06:33:19Z; warm", priming.Output, StringComparison.Ordinal);
            Assert.Contains("Left out: ", priming.Output, StringComparison.Ordinal);
            Assert.Contains("column elsewhere/flow: no source gives a sensor of this id.", priming.Output, StringComparison.Ordinal);
            Assert.Contains("1 sensors primed, 1 of them warm; 1 columns left out.", priming.Output, StringComparison.Ordinal);
        }

        var (warming, judged, kinds) = await RunAsync(site);
        Assert.Equal((5, 5), (warming, judged));
        Assert.Contains("anomaly", kinds);

        // the gap of half a year is nothing to tell
        Assert.All(kinds, family => Assert.True(family is "anomaly" or "limit", family));
    }

    [Fact]
    public async Task Without_it_the_same_windows_are_too_early_to_be_judged()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        var (warming, judged, kinds) = await RunAsync(site);
        Assert.Equal((10, 0), (warming, judged));
        Assert.DoesNotContain("anomaly", kinds);
    }

    [Fact]
    public async Task A_gateway_that_runs_keeps_its_folder_to_itself()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await WriteHistoryAsync(site, rows: 20);
        using var priming = Prime(site);
        Assert.Equal(1, await priming.ExitAsync());
        Assert.Contains("another gateway runs on it", priming.Output, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task Killed_on_the_way_it_leaves_the_state_as_it_was_and_can_be_done_again()
    {
        using var site = new Site(1883);
        await WriteHistoryAsync(site, rows: 400);
        using (var first = Prime(site))
        {
            Assert.Equal(0, await first.ExitAsync());
        }

        var (state, held) = (Path.Combine(site.Data, "sensors.snapshot"), Path.Combine(site.Data, "gateway.lock"));
        var before = await File.ReadAllBytesAsync(state, TestContext.Current.CancellationToken);
        File.Delete(held);
        await WriteHistoryAsync(site, rows: 600_000, sensor: "plant/pump/flow");
        using (var killed = Prime(site))
        {
            await Eventually.HoldsAsync(() => File.Exists(held), "it has begun");
            killed.Kill();
            Assert.DoesNotContain("primed", killed.Output, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(state, TestContext.Current.CancellationToken));

        // as a kill while it was being written would leave it
        await File.WriteAllBytesAsync(state + ".tmp", before[..100], TestContext.Current.CancellationToken);
        await WriteHistoryAsync(site, rows: 400, sensor: "plant/pump/flow");
        using var again = Prime(site);
        Assert.Equal(0, await again.ExitAsync());
        Assert.Contains("plant/pump/flow: 400 samples", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.csv does not exist; name CSV files.", "none.csv")]
    [InlineData("Nothing was primed", "foreign.csv")]
    [InlineData("line 3: the time 2025-07-01 06:00:00Z goes back behind 2025-07-01 06:00:01Z", "back.csv")]
    public async Task What_cannot_be_used_is_one_sentence_and_exit_code_2(string sentence, string file)
    {
        using var site = new Site(1883);
        await File.WriteAllTextAsync(site.PathOf("foreign.csv"), "time,elsewhere/flow\n2025-07-01T06:00:00,1\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(site.PathOf("back.csv"), "time,plant/a/b\n2025-07-01T06:00:01,1\n2025-07-01T06:00:00,1\n", TestContext.Current.CancellationToken);
        using var priming = Prime(site, file);
        Assert.Equal(2, await priming.ExitAsync());
        Assert.Contains(sentence, priming.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", priming.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(site.Data, "sensors.snapshot")));
    }

    private static GatewayProcess Prime(Site site, string file = "history.csv") =>
        GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "prime", "--config", site.Configuration, "--data", site.Data, site.PathOf(file));

    private static Task WriteHistoryAsync(Site site, int rows, string sensor = Sensor) => File.WriteAllLinesAsync(
        site.PathOf("history.csv"),
        Enumerable.Range(0, rows).Select(row => $"{History.AddSeconds(row):yyyy-MM-ddTHH:mm:ss},{Pressure(row)},3").Prepend($"time,{sensor},elsewhere/flow"),
        TestContext.Current.CancellationToken);

    private static string Pressure(int row) => (4 + (0.3 * Math.Sin(row / 23.0)) + (new Random(row).NextDouble() * 0.1)).ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Live readings that go wrong after 30 seconds; how many windows were too early and how many judged, and the families of what was told.</summary>
    private static async Task<(long Warming, long Judged, IReadOnlyList<string> Families)> RunAsync(Site site)
    {
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync("plant/pump", Enumerable.Range(0, Live).Select(row => $$"""{"ts":"{{Now.AddSeconds(row):O}}","pressure":{{(row < 30 ? Pressure(row) : "9.5")}}}"""));
        await site.EndAsync(gateway, subscriber);
        Assert.DoesNotContain(gateway.Output.Split('\n'), line => line.StartsWith("<3>", StringComparison.Ordinal));
        return (subscriber.Counter("windows.not_judged.warming"), subscriber.Counter("windows.judged"), [.. subscriber.Transitions().Select(t => t.Family).Distinct()]);
    }
}
