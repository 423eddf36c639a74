using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorSimulator;
using SensorSimulator.Plant;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>A folder with configuration and data of one gateway, and readings to feed it.</summary>
internal sealed class Site : IDisposable
{
    public const string Gateway = "test-1";

    /// <summary>What a gateway says once it has subscribed: what is published before finds no reader.</summary>
    public const string Connected = $"edgegateway-{Gateway} is connected";

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-site-");
    private readonly int port;

    public Site(int port, Action<JsonObject>? change = null)
    {
        this.port = port;
        var settings = JsonNode.Parse($$"""
            {
              "schema": 1, "gateway": "{{Gateway}}",
              "broker": { "host": "127.0.0.1", "port": {{port}} },
              "sources": {
                "plant": { "topic": "plant/#", "values": "*", "time": "/ts" },
                "end": { "topic": "end", "values": { "v": "/v" }, "time": "/ts", "range": { "v": [0, 1] } } }
            }
            """)!.AsObject();
        change?.Invoke(settings);
        Configuration = Path.Combine(folder.FullName, "gateway.json");
        File.WriteAllText(Configuration, settings.ToJsonString());
        Data = Path.Combine(folder.FullName, "data");
    }

    /// <summary>Path of the configuration.</summary>
    public string Configuration { get; }

    /// <summary>Path of the data folder.</summary>
    public string Data { get; }

    /// <summary>Path of a further file in the site's folder.</summary>
    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Starts the gateway, with this folder as the working one.</summary>
    public GatewayProcess Run() => GatewayProcess.Start(folder.FullName, "run", "--config", Configuration, "--data", Data);

    /// <summary>Listens to what the gateway publishes from now on, and to what is retained.</summary>
    public async Task<Subscriber> SubscribeAsync()
    {
        await PublishAsync(Subscriber.Mark(Gateway), ["here"], "-r");
        var subscriber = new Subscriber(port, Gateway);
        await Eventually.HoldsAsync(() => subscriber.Newest(Subscriber.Mark(Gateway)) is not null, "the subscription is in force");
        return subscriber;
    }

    /// <summary>The readings of a simulated plant with faults, by topic, one payload a second.</summary>
    public static IReadOnlyList<(string Topic, string Payload)> PlantMessages(ulong seed, int seconds)
    {
        var plant = Plant.Create(seed, Start, seconds);
        return [.. Enumerable.Range(0, seconds).SelectMany(plant.At).Select(m => (m.Asset.Topic, Payload(m)))];
    }

    /// <summary>The rows of all CSV files below a folder, one JSON message each with its time, one topic a file.</summary>
    public static IReadOnlyList<(string Topic, string Payload)> RecordedMessages(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(file => Rows(file, Path.GetRelativePath(folder, file)))];

    private static IEnumerable<(string Topic, string Payload)> Rows(string file, string name)
    {
        var lines = File.ReadAllLines(file);
        var columns = lines[0].Split(',');
        foreach (var cells in lines.Skip(1).Select(line => line.Split(',')))
        {
            var values = columns.Zip(cells).Skip(1).Select(c => $"\"{c.First}\":{(c.Second.Length > 0 ? c.Second : "null")}");
            yield return ($"plant/{name}", $$"""{"ts":"{{cells[0]}}",{{string.Join(',', values)}}}""");
        }
    }

    /// <summary>Publishes lines of one topic at QoS 1 with the real mosquitto_pub, in order.</summary>
    public async Task PublishAsync(string topic, IEnumerable<string> payloads, params string[] arguments)
    {
        using var publisher = Tool.Start(Tool.Require("mosquitto_pub"), ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", topic, "-l", .. arguments]);
        foreach (var payload in payloads)
        {
            await publisher.StandardInput.WriteLineAsync(payload);
        }

        publisher.StandardInput.Close();
        await publisher.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(publisher.ExitCode == 0, await publisher.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Publishes messages of several topics, the topics side by side.</summary>
    public Task PublishAsync(IEnumerable<(string Topic, string Payload)> messages) =>
        Task.WhenAll(messages.GroupBy(m => m.Topic).Select(topic => PublishAsync(topic.Key, topic.Select(m => m.Payload))));

    /// <summary>
    /// Publishes a last reading, out of its range, waits until its alert has come out at the other end, and stops the gateway: then everything before it has been worked
    /// through, and <paramref name="subscriber"/> has seen all of it.
    /// </summary>
    public async Task EndAsync(GatewayProcess gateway, Subscriber subscriber)
    {
        await PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == "end/v"), () => $"the alert of the last reading arrives; the gateway said:\n{gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
        await Eventually.HoldsAsync(() => subscriber.Status.Contains("stopped", StringComparison.Ordinal), "the status says stopped");
        AssertAccounted(subscriber);
    }

    /// <summary>Every reading, window and alert is accounted for.</summary>
    private static void AssertAccounted(Subscriber subscriber)
    {
        string[] readings = ["taken", "late", "duplicate", "retained", "rejected", "foreign"];
        Assert.Equal(subscriber.Counter("received"), readings.Sum(subscriber.Counter));
        Assert.Equal(subscriber.Counter("windows.closed"), subscriber.Counter("windows.judged") + subscriber.Counter("windows.not_judged"));
        AssertSum(["alerts.raised", "alerts.carried_over"], ["alerts.delivered", "alerts.dead", "alerts.expired", "alerts.evicted", "alerts.pending"]);
        AssertSum(["transitions.new", "transitions.carried_over"], ["transitions.delivered", "transitions.dead", "transitions.folded", "transitions.withheld", "transitions.pending"]);

        void AssertSum(string[] came, string[] went) => Assert.Equal(came.Sum(name => subscriber.Counter($"{name}.mqtt")), went.Sum(name => subscriber.Counter($"{name}.mqtt")));
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    private static string Payload(PlantMessage message)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        SensorSimulator.Payload.Write(bytes, message.Time, message.Asset.Names.AsSpan(), message.Values.Span);
        return System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
