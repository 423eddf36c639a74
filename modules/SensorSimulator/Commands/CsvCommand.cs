using System.CommandLine;
using SensorSimulator.Publishing;
using SensorSimulator.Recording;

namespace SensorSimulator.Commands;

/// <summary><c>csv</c>: recordings, played one after another.</summary>
internal sealed class CsvCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private const string FileInTopic = "{file}";
    private readonly BrokerOptions broker = new();
    private readonly Argument<string[]> files = new("FILE") { Description = "CSV files; the first row names the columns", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> topic = new("--topic") { Description = $"where to publish; {FileInTopic} stands for the file's name without .csv", Required = true };
    private readonly Option<double> speed = Options.Number("--speed", "recorded seconds a second; 0 = as fast as the broker takes it", 1.0, 0, 1_000_000);
    private readonly Option<string?> timeColumn = new("--time-column") { Description = "column with the time (ISO 8601 or Unix); without it a row a second, which carries the time at which it is sent", HelpName = "NAME" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        topic.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is "" or null || result.GetValueOrDefault<string>()!.AsSpan().ContainsAny('#', '+'))
            {
                result.AddError("--topic takes a topic to publish on, so it is not empty and has no # or +.");
            }
        });
        var command = new Command("csv", "Plays recorded CSV files onto a topic, a message a row: {\"ts\":\"2026-01-01T00:00:00Z\",\"pressure\":4.02,\"flow\":null}.\nExample: SensorSimulator csv pump1.csv --host localhost --topic plant/pump1 --time-column timestamp --speed 60")
        {
            files, topic, speed, timeColumn,
        };
        broker.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken token)
    {
        await using var publisher = await Publisher.ConnectAsync(broker.Of(parsed), token);
        try
        {
            foreach (var file in parsed.GetValue(files)!)
            {
                using var recording = new CsvRecording(file, File.OpenText(file), parsed.GetValue(timeColumn));
                var (progress, fileTopic) = (new Progress(error, clock), parsed.GetValue(topic)!.Replace(FileInTopic, Path.GetFileNameWithoutExtension(file), StringComparison.Ordinal));
                await new RecordingPublisher(fileTopic, parsed.GetValue(speed), publisher, clock).RunAsync(recording, row => progress.Report(row, $"rows of {file}"), token);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await output.WriteLineAsync("Stopped.");
        }

        await output.WriteLineAsync($"{publisher.Messages} messages, {publisher.Bytes} payload bytes.");
        return 0;
    }
}
