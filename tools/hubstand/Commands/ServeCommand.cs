using System.CommandLine;

namespace Hubstand.Commands;

/// <summary><c>serve</c>: the stand-in alone.</summary>
internal sealed class ServeCommand(TextWriter output, TimeProvider clock)
{
    private readonly StandOptions options = new();
    private readonly TextWriter lines = TextWriter.Synchronized(output);

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("serve", "Acts the hub until Ctrl+C and prints a line for each event.\nExample: hubstand serve --manifest deployment.template.json --data ./hub");
        options.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken token)
    {
        await using var stand = await HubStand.StartAsync(options.Read(parsed, clock, Say));
        foreach (var line in StandText.Ports(stand).Concat(StandText.Environments(stand)))
        {
            await lines.WriteLineAsync(line);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, clock, token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return 0;
    }

    private void Say(string line) => lines.WriteLine($"{clock.GetUtcNow():HH:mm:ss} {line}");
}
