using System.CommandLine;
using System.Globalization;
using EdgeGateway.Operations;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary><c>outbox [--data DIR]</c>: what waits for each sink, what will never get there. Reads only, also while the gateway runs.</summary>
internal static class OutboxCommand
{
    public static Command Create()
    {
        var command = new Command("outbox", "Shows which alerts wait for which sink, and those that could never be delivered. Example: EdgeGateway outbox --data /var/lib/edgegateway") { DataFolder.Option };
        command.SetAction(parsed => DataFolder.Read(() => Run(parsed.GetValue(DataFolder.Option)!)));
        return command;
    }

    private static int Run(string data)
    {
        using var store = GatewayStore.OpenToRead(data, TimeProvider.System);
        if (store is null)
        {
            Console.Error.WriteLine($"{data} has no gateway.db: name the folder that the gateway runs with, EdgeGateway outbox --data DIR.");
            return ExitCode.Usage;
        }

        Write(Console.Out, store.Backlogs(), store.DeadLetters());
        return ExitCode.Done;
    }

    private static void Write(TextWriter output, IReadOnlyList<SinkBacklog> sinks, IReadOnlyList<DeadLetter> letters)
    {
        output.WriteLine($"{"sink",-10}{"alerts",10}{"entries",10}{"bytes",14}  {"oldest",-14}{"expired",10}{"evicted",10}");
        foreach (var s in sinks)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{s.Sink,-10}{s.Alerts,10:N0}{s.Pending,10:N0}{s.Bytes,14:N0}  {Age(s),-14}{s.Expired,10:N0}{s.Evicted,10:N0}"));
        }

        output.WriteLine();
        output.WriteLine(letters.Count == 0 ? "No dead letters." : "Dead letters, which a sink could never take, the oldest first:");
        foreach (var letter in letters)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{letter.Time:yyyy-MM-ddTHH:mm:ssZ}  {PlainText.Of(letter.Subject)}  {letter.AlertId}.{letter.Sequence}  {letter.Sink}: {PlainText.Of(letter.Reason)}"));
        }
    }

    private static string Age(SinkBacklog sink) => sink.Pending == 0 ? "-" : sink.OldestAge.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
