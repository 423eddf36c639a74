using System.CommandLine;
using System.Globalization;
using SensorSimulator.Publishing;

namespace SensorSimulator.Commands;

/// <summary><c>load</c>: many healthy sensors at a rate.</summary>
internal sealed class LoadCommand(TextWriter output, TimeProvider clock)
{
    private readonly BrokerOptions broker = new();
    private readonly Option<int> topics = Options.Number("--topics", "number of sensors, published round-robin on load/0, load/1 ...", 1000, 1, 1_000_000);
    private readonly Option<double> rate = Options.Number("--rate", "messages a second of all together; 0 = as fast as the broker takes them", 1000.0, 0, 10_000_000);
    private readonly Option<TimeSpan> duration = Options.Duration("--for", "how long", "30s");
    private readonly Option<int> connections = Options.Number("--connections", "connections that share topics and rate", 1, 1, 64);
    private readonly Option<ulong> seed = new("--seed") { Description = "number of the noise", DefaultValueFactory = _ => 1 };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("load", "Publishes readings of many healthy sensors and says how fast it was.\nExample: SensorSimulator load --host localhost --topics 1000 --rate 5000 --for 30s --qos 0")
        {
            topics, rate, duration, connections, seed,
        };
        broker.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken token)
    {
        var load = new Load(parsed.GetValue(topics), parsed.GetValue(rate), parsed.GetValue(duration), parsed.GetValue(seed));
        List<Publisher> publishers = [];
        try
        {
            var count = Math.Min(parsed.GetValue(connections), load.Topics);
            for (var i = 0; i < count; i++)
            {
                publishers.Add(await Publisher.ConnectAsync(broker.Of(parsed), token));
            }

            await output.WriteLineAsync($"Publishing on {load.Topics} topics over {count} connections for {load.Duration:g}.");
            var (pace, cpu) = (new Pace(clock), Environment.CpuUsage.TotalTime);
            await Task.WhenAll(publishers.Select((publisher, i) => Task.Run(() => new LoadPublisher(load, i, count, clock).RunAsync(publisher, token), CancellationToken.None)));
            var (seconds, messages) = (pace.Elapsed.TotalSeconds, publishers.Sum(p => p.Messages));
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{messages} messages in {seconds:0.00} s, {messages / seconds:0} messages/s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} CPU-seconds of this process."));
            return 0;
        }
        finally
        {
            foreach (var publisher in publishers)
            {
                await publisher.DisposeAsync();
            }
        }
    }
}
