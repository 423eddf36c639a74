using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeGateway.Mqtt;
using EdgeGateway.Tests.Storage;
using SensorSimulator.Commands;
using SensorSimulator.Plant;

namespace EdgeGateway.Tests.Simulator;

/// <summary>The whole tool against a broker in this process.</summary>
public sealed class CommandLinesTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("5", 1)]
    [InlineData("3.1.1", 0)]
    public async Task Plant_publishes_every_second_of_every_asset_and_writes_the_truth(string protocol, int qos)
    {
        using var folder = new TempFolder();
        await using var broker = await EmbeddedBroker.StartAsync("nobody");
        var seen = Listen(broker, [.. Plant.Create(5, Any.Noon, 1000).Assets.Select(a => a.Topic)]);
        var labels = Path.Combine(folder.Path, "faults.json");

        var (code, output, _) = await RunAsync($"plant --port {broker.Port} --seed 5 --speed 100000 --for 0.01s --start 2026-11-24T12:00:00Z --labels {labels} --protocol {protocol} --qos {qos}");

        Assert.Equal((0, 11_000), (code, output.Messages()));
        var messages = await seen.TakeAsync(11_000, TestContext.Current.CancellationToken);
        Assert.StartsWith("""{"ts":"2026-11-24T12:00:00Z",""", messages[0].Payload, StringComparison.Ordinal);
        Assert.StartsWith("""{"ts":"2026-11-24T12:16:39Z",""", messages[^1].Payload, StringComparison.Ordinal);
        var truth = JsonDocument.Parse(await File.ReadAllTextAsync(labels, TestContext.Current.CancellationToken)).RootElement.GetProperty("faults");
        Assert.Equal(Plant.Create(5, Any.Noon, 1000).Faults.Length, truth.GetArrayLength());
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_start_the_last_reading_of_a_fast_plant_is_not_ahead_of_the_clock()
    {
        await using var broker = await EmbeddedBroker.StartAsync("nobody");
        var seen = Listen(broker, "plant/hall/air");
        var before = TimeProvider.System.GetUtcNow();
        await RunAsync($"plant --port {broker.Port} --speed 1000 --for 0.1s");
        var last = JsonDocument.Parse((await seen.TakeAsync(100, TestContext.Current.CancellationToken))[^1].Payload).RootElement.GetProperty("ts").GetDateTimeOffset();
        Assert.InRange(last, before.AddSeconds(-2), TimeProvider.System.GetUtcNow());
    }

    [Fact(Timeout = 60_000)]
    public async Task Csv_plays_files_one_after_another_onto_their_topics()
    {
        using var folder = new TempFolder();
        await using var broker = await EmbeddedBroker.StartAsync("nobody");
        var seen = Listen(broker, "plant/a", "plant/b");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "a.csv"), "time,p,\"q, raw\"\n2026-11-24T12:00:00Z,4.02,\n2026-11-24T12:00:01.5Z,5,-1\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "b.csv"), "time,p\n1795521600,7\n", TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync($"csv {folder.Path}/a.csv {folder.Path}/b.csv --port {broker.Port} --topic plant/{{file}} --time-column time --speed 0");

        Assert.Equal((0, 3), (code, output.Messages()));
        Assert.Equal(
            [
                ("plant/a", """{"ts":"2026-11-24T12:00:00Z","p":4.02,"q, raw":null}"""),
                ("plant/a", """{"ts":"2026-11-24T12:00:01.5Z","p":5,"q, raw":-1}"""),
                ("plant/b", """{"ts":"2026-11-24T12:00:00Z","p":7}"""),
            ],
            await seen.TakeAsync(3, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Csv_says_where_a_file_is_wrong_and_exits_with_2()
    {
        using var folder = new TempFolder();
        await using var broker = await EmbeddedBroker.StartAsync("nobody");
        var file = Path.Combine(folder.Path, "bad.csv");
        await File.WriteAllTextAsync(file, "p\n1\nbroken\n", TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync($"csv {file} --port {broker.Port} --topic t --speed 0");
        Assert.Equal((2, $"{file}, row 3: \"broken\" in column p is no number; write it with a decimal point, or leave the cell empty.\n"), (code, error));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("5", 0, 1)]
    [InlineData("3.1.1", 1, 2)]
    public async Task Load_goes_round_the_topics_with_readings_of_sixty_to_a_hundred_bytes(string protocol, int qos, int connections)
    {
        await using var broker = await EmbeddedBroker.StartAsync("nobody");
        var seen = Listen(broker, [.. Enumerable.Range(0, 10).Select(n => $"load/{n}")]);

        var (code, output, _) = await RunAsync($"load --port {broker.Port} --topics 10 --rate 2000 --for 0.1s --protocol {protocol} --qos {qos} --connections {connections}");

        Assert.Equal(0, code);
        Assert.InRange(output.Messages(), 10, 200);
        var messages = await seen.TakeAsync(output.Messages(), TestContext.Current.CancellationToken);
        Assert.Equal(10, messages.Select(m => m.Topic).Distinct().Count());
        Assert.All(messages, m => Assert.InRange(Encoding.UTF8.GetByteCount(m.Payload), 60, 100));
        Assert.All(messages, m => Assert.InRange(JsonDocument.Parse(m.Payload).RootElement.GetProperty("value").GetDouble(), 10, 30));
        Assert.All(messages, m => Assert.True(JsonDocument.Parse(m.Payload).RootElement.GetProperty("ts").TryGetDateTimeOffset(out _)));
    }

    [Theory]
    [InlineData("plant")]
    [InlineData("load --for 1s")]
    [InlineData("csv file.csv --topic t")]
    public async Task Without_a_broker_one_sentence_says_so_and_the_exit_code_is_1(string command)
    {
        var (code, _, error) = await RunAsync($"{command} --host 127.0.0.1 --port 1");
        Assert.Equal((1, "No connection to a broker at 127.0.0.1:1 (Connection refused): check that it runs, and --host, --port and --ca-file.\n"), (code, error));
    }

    [Theory]
    [InlineData("plant --for soon", "\"soon\" is no duration: write 30s, 5m, 1h or 00:05:00.")]
    [InlineData("plant --speed 0", "--speed takes a number from 0.001 to 100000.")]
    [InlineData("load --qos 2", "--qos takes a number from 0 to 1.")]
    [InlineData("load --topics 0", "--topics takes a number from 1 to 1000000.")]
    [InlineData("csv a.csv --topic t/#", "--topic takes a topic to publish on, so it is not empty and has no # or +.")]
    [InlineData("csv a.csv", "Option '--topic' is required.")]
    public async Task A_wrong_command_line_is_explained_and_exits_with_2(string command, string sentence)
    {
        var (code, _, error) = await RunAsync(command);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.EndsWith("Add --help to see what is possible.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("plant --help")]
    [InlineData("csv --help")]
    [InlineData("load --help")]
    public async Task Help_has_an_example(string command)
    {
        var (code, output, _) = await RunAsync(command);
        Assert.Equal(0, code);
        Assert.Contains("Example: SensorSimulator ", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string command)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var code = await CommandLines.RunAsync(command.Split(' '), output, error, TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }

    private static Seen Listen(EmbeddedBroker broker, params string[] topics)
    {
        var seen = new Seen();
        foreach (var topic in topics)
            broker.Listen(topic, body => seen.Add(topic, Encoding.UTF8.GetString(body.Span)));
        return seen;
    }

    /// <summary>What came to the broker; it may still be reading when the publisher is done.</summary>
    private sealed class Seen
    {
        private readonly Channel<(string Topic, string Payload)> messages = Channel.CreateUnbounded<(string Topic, string Payload)>();

        public void Add(string topic, string payload) => Assert.True(messages.Writer.TryWrite((topic, payload)));

        public async Task<List<(string Topic, string Payload)>> TakeAsync(int count, CancellationToken token)
        {
            List<(string Topic, string Payload)> taken = [];
            while (taken.Count < count)
                taken.Add(await messages.Reader.ReadAsync(token));
            Assert.False(messages.Reader.TryRead(out var more), $"more than {count}: {more}");
            return taken;
        }
    }
}

file static class OutputText
{
    /// <summary>The count in the closing line "N messages...".</summary>
    public static int Messages(this string output)
    {
        var line = output.Split('\n').Last(l => l.Contains(" messages", StringComparison.Ordinal));
        return int.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }
}
