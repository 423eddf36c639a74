using System.CommandLine;
using System.Text;
using EdgeGateway.Report;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary><c>report</c>: how the alerts of a gateway behaved, from its data folder; the gateway may run meanwhile.</summary>
internal static class ReportCommand
{
    private const int MostDays = 30;
    private static readonly Option<int> Days = new("--days") { Description = "days to look back, today included: 1 to 30, as ended alerts are kept for 30 days", HelpName = "N", DefaultValueFactory = _ => MostDays };
    private static readonly Option<string> Format = new("--format") { Description = "text, json, or html: one page with charts that needs no network", HelpName = "text|json|html", DefaultValueFactory = _ => "text" };
    private static readonly Option<string?> Out = new("--out") { Description = "writes to this file instead of standard output", HelpName = "FILE" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("text", "json", "html");
        Days.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > MostDays)
            {
                r.AddError($"--days takes a number from 1 to {MostDays}.");
            }
        });
        var command = new Command("report", "Says how the alerts behaved, in the terms of ISA-18.2: rates, floods, chattering, stale, most frequent, suppressed; and the bytes sent against the bytes received.\nExample: EdgeGateway report --data /var/lib/edgegateway --format html --out report.html")
        {
            DataFolder.Option, Days, Format, Out,
        };
        command.SetAction(parsed => DataFolder.Read(() => Run(parsed.GetValue(DataFolder.Option)!, parsed.GetValue(Days), parsed.GetValue(Format)!, parsed.GetValue(Out))));
        return command;
    }

    private static int Run(string data, int days, string format, string? path)
    {
        try
        {
            var now = TimeProvider.System.GetUtcNow();
            var report = ReportCounting.Count(History.Read(data, ReportCounting.Begin(now, days)), now, days);
            Action<TextWriter, GatewayReport> write = format switch { "json" => ReportJson.Write, "html" => ReportPage.Write, _ => ReportText.Write };
            if (path is null)
            {
                write(Console.Out, report);
                return ExitCode.Done;
            }

            using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
            write(writer, report);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException and not StorageException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{path} cannot be written: {e.Message}");
            return ExitCode.Usage;
        }
    }
}
