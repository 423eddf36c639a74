using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Discovery;
using EdgeGateway.Mqtt;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using SensorSimulator.Commands;

namespace EdgeGateway.Commands;

/// <summary><c>discover [--config FILE | --host HOST] [--topic FILTER] [--for 60s]</c>: listens to a broker and proposes the section <c>sources</c>.</summary>
internal static class DiscoverCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Option<string> Config = new("--config") { Description = "a configuration, of which the section broker is taken", HelpName = "FILE" };
    private static readonly Option<string> Host = new("--host") { Description = "the broker, without TLS and password; with them it needs --config", HelpName = "HOST", DefaultValueFactory = _ => "localhost" };
    private static readonly Option<string> Topic = new("--topic") { Description = "what is listened to, an MQTT topic filter", HelpName = "FILTER", DefaultValueFactory = _ => "#" };
    private static readonly Option<TimeSpan> For = Options.Duration("--for", "how long; sensors that send seldom need longer", "60s");

    public static Command Create()
    {
        var command = new Command("discover", "Listens to a broker and proposes the section sources of a configuration, on standard output. Example: EdgeGateway discover --host mosquitto --for 300s > sources.json") { Config, Host, Topic, For };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Config), parsed.GetValue(Host)!, parsed.GetValue(Topic)!, parsed.GetValue(For), token));
        return command;
    }

    private static async Task<int> RunAsync(string? config, string host, string topic, TimeSpan time, CancellationToken token)
    {
        if (BrokerOf(config, host) is not { } broker)
        {
            return ExitCode.Usage;
        }

        var (proposals, clock) = (new SourceProposals(), TimeProvider.System);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Listening to {topic} of {broker.Host}:{broker.Port} for {time.TotalSeconds:0} s ..."));
        var trouble = await TopicListener.ListenAsync(broker, topic, (at, payload, retained) => Add(proposals, at, payload, retained, clock), time, clock, token);
        if (trouble is not null)
        {
            await Console.Error.WriteLineAsync($"The broker {broker.Host}:{broker.Port} cannot be listened to: {trouble}.");
            return ExitCode.Fault;
        }

        return Write(proposals);
    }

    /// <summary>What a broker kept is state: its time says nothing of how often a sensor sends.</summary>
    private static void Add(SourceProposals proposals, string topic, System.Buffers.ReadOnlySequence<byte> payload, bool retained, TimeProvider clock)
    {
        if (!retained)
        {
            proposals.Add(topic, payload, clock.GetUtcNow());
        }
    }

    private static BrokerSettings? BrokerOf(string? config, string host)
    {
        if (config is null)
        {
            return SettingsReader.ReadBroker([new SettingsLayer(JsonSerializer.SerializeToUtf8Bytes(new { broker = new { host } }), "--host")], out _);
        }

        var layers = SettingsFiles.ReadLayers(config, out var problems);
        var broker = problems.IsEmpty ? SettingsReader.ReadBroker(layers, out problems) : null;
        foreach (var problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        return broker;
    }

    private static int Write(SourceProposals proposals)
    {
        var sources = proposals.Propose();
        foreach (var source in sources)
        {
            var steps = source.Topics.Select(t => t.Step).OfType<TimeSpan>().Order().ToList();
            var step = steps.Count == 0 ? "too seldom to say how often" : string.Create(CultureInfo.InvariantCulture, $"one every {steps[steps.Count / 2].TotalSeconds:0.###} s");
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{source.Name}: {source.Topics.Count} topics, {source.Topics.Sum(t => t.Messages)} messages, {step}; {(source.Source.ContainsKey("time") || source.Source.ContainsKey("payload") ? "with" : "without")} event time"));
        }

        foreach (var topic in proposals.Unusable.Take(20))
        {
            Console.Error.WriteLine($"Left out: {PlainText.Of(topic)}, which sends neither JSON nor a number, or has a + # or brace in its name.");
        }

        if (proposals.Beyond > 0)
        {
            Console.Error.WriteLine($"Only the first {SourceProposals.MostTopics} topics were looked at; listen to a part of them with --topic.");
        }

        if (sources.Count == 0)
        {
            Console.Error.WriteLine("Nothing came that could be a source: listen longer with --for, or to other topics with --topic.");
            return ExitCode.No;
        }

        Console.Out.WriteLine(new JsonObject { ["sources"] = new JsonObject(sources.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Name, s.Source))) }.ToJsonString(Readable));
        return ExitCode.Done;
    }
}
