using System.CommandLine;
using System.Globalization;
using SensorSimulator.Plant;
using SensorSimulator.Publishing;

namespace SensorSimulator.Commands;

/// <summary><c>plant</c>: the simulated plant with labelled faults.</summary>
internal sealed class PlantCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private const int LongestPlant = 7 * 24 * 3600;
    private readonly BrokerOptions broker = new();
    private readonly Option<ulong> seed = new("--seed") { Description = "number of the plant: another one has other noise and other faults", DefaultValueFactory = _ => 1 };
    private readonly Option<double> speed = Options.Number("--speed", "seconds of plant time a second", 1.0, 0.001, 100_000);
    private readonly Option<TimeSpan> duration = Options.Duration("--for", "how long it runs; times --speed it is the plant time, at most 7 days", "1h");
    private readonly Option<string?> labels = new("--labels") { Description = "writes the injected faults, before the first message", HelpName = "faults.json" };
    private readonly Option<DateTimeOffset?> start = new("--start") { Description = "event time of the first reading; without it the last reading carries the time at which it is sent", HelpName = "TIME" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("plant", "Publishes a simulated plant of 12 sensors with labelled faults on plant/<asset>, a reading a second each.\nExample: SensorSimulator plant --host localhost --seed 2 --for 1h --labels faults.json")
        {
            seed, speed, duration, labels, start,
        };
        broker.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken token)
    {
        var (runs, times) = (parsed.GetValue(duration), parsed.GetValue(speed));
        var seconds = (int)Math.Clamp(runs.TotalSeconds * times, 1, LongestPlant);
        var first = parsed.GetValue(start)?.ToUniversalTime() ?? WholeSecond(clock.GetUtcNow() - TimeSpan.FromSeconds((seconds - 1) * (1 - (1 / times))));
        var plant = Plant.Plant.Create(parsed.GetValue(seed), first, seconds);
        await using var publisher = await Publisher.ConnectAsync(broker.Of(parsed), token);
        if (parsed.GetValue(labels) is { } path)
        {
            using var file = File.Create(path);
            PlantLabels.Write(file, parsed.GetValue(seed), first, plant);
        }

        var progress = new Progress(error, clock);
        try
        {
            await new PlantPublisher(plant, publisher, times, clock).RunAsync(second => progress.Report(second + 1, "seconds of the plant", seconds), token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await output.WriteLineAsync("Stopped.");
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{publisher.Messages} messages, {publisher.Bytes} payload bytes, {plant.Faults.Length} faults in the whole plant."));
        return 0;
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
