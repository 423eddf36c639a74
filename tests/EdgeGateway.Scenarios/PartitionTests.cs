using System.Globalization;
using System.Text.RegularExpressions;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Settings;

namespace EdgeGateway.Scenarios;

/// <summary>Several processes share one broker's assets (docs/formats/settings.md, partition).</summary>
public sealed class PartitionTests : IAsyncLifetime
{
    /// <summary>Readings after which the model judges a sensor (300), and a window more.</summary>
    private const int Warm = 360;
    private static readonly string[] Tanks = [.. Enumerable.Range(1, 24).Select(i => $"tank-{i}")];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("partition-");
    private readonly List<GatewayProcess> processes = [];
    private readonly int[] ports = [.. Enumerable.Range(0, 4).Select(_ => MosquittoBroker.FreePort())];
    private readonly HttpClient http = new();
    private MosquittoBroker broker = null!;
    private Subscriber subscriber = null!;
    private int second;

    public async ValueTask InitializeAsync()
    {
        broker = await MosquittoBroker.StartedAsync();
        subscriber = new Subscriber(broker.Port, "+");
    }

    public ValueTask DisposeAsync()
    {
        processes.ForEach(p => p.Dispose());
        subscriber?.Dispose();
        broker?.Dispose();
        http.Dispose();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_asset_is_judged_by_one_of_three_a_kill_loses_nothing_and_a_fourth_takes_over_its_part()
    {
        var three = new Partition(3, 0);
        await StartAsync(of: 3);
        await PublishAsync(level: 2);
        await Eventually.HoldsAsync(() => Count("raised") == Tanks.Length, () => $"an alert for each tank, but {Seen()}");
        Assert.All(Of("raised"), t => Assert.Equal($"north-{three.OwnerOf(AssetOf(t))}", t.Source));

        // what is sent while one of them is dead waits for it at the broker
        processes[1].Kill();
        await PublishAsync(level: 0.5);
        processes[1] = Start(3, 1);
        await Eventually.HoldsAsync(() => Count("cleared") == Tanks.Length, () => $"every alert ends, but {Seen()}");
        await PublishAsync(level: 3);
        await Eventually.HoldsAsync(() => Count("raised") == 2 * Tanks.Length, () => $"again an alert for each tank, but {Seen()}");
        Assert.All(Of("raised").GroupBy(t => t.AlertId), sent => Assert.Single(sent.Select(t => t.Sequence).Distinct()));
        await StopAsync();

        var four = new Partition(4, 0);
        var moved = Tanks.Where(tank => three.OwnerOf(tank) != four.OwnerOf(tank)).ToHashSet();
        Assert.NotEmpty(moved);
        await StartAsync(of: 4);
        await Eventually.HoldsAsync(() => Of("cleared").Count(t => t.Reason == "moved") >= moved.Count, () => $"what moved is cleared, but {Seen()}");
        await PublishAsync(level: 4);
        await Eventually.HoldsAsync(() => Of("raised").Count(t => t.Source == "north-3") == moved.Count, () => $"the new process raises what moved to it, but {Seen()}");
        await StopAsync();
        Assert.Equal(moved.Order(), Of("cleared").Where(t => t.Reason == "moved").Select(AssetOf).Order());
        Assert.Equal(moved.Order(), Of("raised").Where(t => t.Source == "north-3").Select(AssetOf).Order());
        Assert.Equal((2 * Tanks.Length) + moved.Count, Count("raised"));
        Assert.Equal(Tanks.Length + moved.Count, Count("cleared"));
    }

    [Fact]
    public async Task What_moves_to_a_fourth_is_learnt_anew_there_and_what_stays_is_judged_on()
    {
        await StartAsync(of: 3);
        await PublishSeriesAsync(Warm);
        await Eventually.HoldsAsync(() => Enumerable.Range(0, 3).All(IsJudging), () => $"every sensor is warm, but {Seen()}");
        await StopAsync();

        var moved = Tanks.Count(tank => new Partition(4, 0).OwnerOf(tank) == 3);
        Assert.InRange(moved, 1, Tanks.Length / 2);
        await StartAsync(of: 4);
        await PublishSeriesAsync(Warm / 4);
        await Eventually.HoldsAsync(() => Metric(3, "sensors_warming") == moved && Enumerable.Range(0, 3).All(IsJudging), () => $"{moved} sensors are learnt anew and the others judged, but {Seen()}");
        Assert.Equal(0, Metric(3, "windows_judged_total"));
        await StopAsync();
    }

    [Fact]
    public async Task A_host_without_an_ordinal_cannot_be_a_part_by_its_name()
    {
        using var gateway = Start(3, "\"hostname\"");
        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains("which does not end in a number from -0 to -2: run it as a pod of a StatefulSet with 3 replicas, or write the number.", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_there_is_not_ends_with_2_and_says_which_there_are()
    {
        using var gateway = Start(3, 3);
        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains("is 3, but of is 3; write a number from 0 to 2", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_with_the_same_index_both_say_who_pushes_them_off()
    {
        processes.Add(Start(3, 1));
        await processes[0].SaysAsync("edgegateway-north-1 is connected");
        processes.Add(Start(3, 1, "data-of-the-other"));
        foreach (var process in processes)
        {
            await Eventually.HoldsAsync(() => Rivals().Any(sentence => process.Output.Contains(sentence, StringComparison.Ordinal)), () => $"it names the other one, but said:\n{process.Output}");
        }

        static string[] Rivals() => ["another client connected under the same client id", "another client seems to connect under the same identity, edgegateway-north-1"];
    }

    /// <summary>Whether a process has judged windows, and none of its sensors is new.</summary>
    private bool IsJudging(int index) => Metric(index, "windows_judged_total") > 0 && Metric(index, "sensors_warming") == 0;

    /// <summary>What a process counts now; NaN while it does not answer.</summary>
    private double Metric(int index, string name)
    {
        try
        {
            var text = http.GetStringAsync(new Uri($"http://127.0.0.1:{ports[index]}/metrics"), TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            return Regex.Match(text, $@"(?m)^edgegateway_{name}\{{.*\}} ([0-9]+)") is { Success: true } match ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        }
        catch (HttpRequestException)
        {
            return double.NaN;
        }
    }

    private static string AssetOf(SeenTransition t) => t.Subject.Split('/')[0];

    private IEnumerable<SeenTransition> Of(string transition) => subscriber.Transitions().Where(t => t.Transition == transition && t.Family == "limit");

    private int Count(string transition) => Of(transition).Select(t => (t.AlertId, t.Sequence)).Distinct().Count();

    private string Seen() => $"{Count("raised")} were raised and {Count("cleared")} cleared; the gateways said:\n{string.Join("\n\n", processes.Select(p => p.Output))}";

    private async Task StartAsync(int of)
    {
        processes.ForEach(p => p.Dispose());
        processes.Clear();
        processes.AddRange(Enumerable.Range(0, of).Select(index => Start(of, index)));
        for (var index = 0; index < of; index++)
        {
            await processes[index].SaysAsync($"edgegateway-north-{index} is connected");
        }
    }

    private async Task StopAsync()
    {
        foreach (var process in processes)
        {
            Assert.Equal(0, await process.StopAsync());
        }
    }

    private GatewayProcess Start(int of, object index, string? data = null) => GatewayProcess.Start(folder.FullName, "run", "--config", Write(of, index), "--data", Path.Combine(folder.FullName, data ?? $"data-{index}".Trim('"')));

    private string Write(int of, object index)
    {
        var path = Path.Combine(folder.FullName, $"gateway-{index}.json".Replace("\"", "", StringComparison.Ordinal));
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "schema": 1, "gateway": "north", "ack": "durable", "partition": { "of": {{of}}, "index": {{index}} }, "operations": { "metrics": {{(index is int number && number < of ? ports[number] : 0)}} },
              "broker": { "host": "127.0.0.1", "port": {{broker.Port}} },
              "sources": { "tanks": { "topic": "site/{tank}", "asset": "{tank}", "values": { "level": "/v" }, "time": "/ts", "range": { "level": [0, 1] } } }
            }
            """));
        return path;
    }

    /// <summary>So many readings of each tank within its range, the tanks side by side.</summary>
    private async Task PublishSeriesAsync(int readings)
    {
        var begin = new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero).AddSeconds(second);
        second += readings;
        await Task.WhenAll(Tanks.Select(async tank =>
        {
            using var publisher = Tool.Start(Tool.Require("mosquitto_pub"), "-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", $"site/{tank}", "-l");
            for (var i = 0; i < readings; i++)
            {
                await publisher.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"{{begin.AddSeconds(i):yyyy-MM-ddTHH:mm:ssZ}}","v":{{i % 7 / 10.0}}}"""));
            }

            publisher.StandardInput.Close();
            await publisher.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, publisher.ExitCode);
        }));
    }

    /// <summary>One reading of each tank, a second later than the one before.</summary>
    private async Task PublishAsync(double level)
    {
        var time = new DateTimeOffset(2026, 1, 1, 8, 0, second++, TimeSpan.Zero);
        foreach (var tank in Tanks)
        {
            var (code, said) = await Tool.RunAsync(
                Tool.Require("mosquitto_pub"), "-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", $"site/{tank}", "-m", string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"{{time:yyyy-MM-ddTHH:mm:ssZ}}","v":{{level}}}"""));
            Assert.True(code == 0, said);
        }
    }
}
