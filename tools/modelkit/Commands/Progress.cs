using System.Globalization;
using Spectre.Console;

namespace EdgeGateway.ModelKit.Commands;

/// <summary>How far a long command is, on standard error: a bar with the time left on a terminal, else a plain line after two seconds and then every ten.</summary>
internal sealed class Progress(TextWriter error, TimeProvider clock)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Runs work that reports how much of <paramref name="total"/> is done.</summary>
    public void Run(string what, long total, Action<Action<long>> work)
    {
        if (ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected)
        {
            RunWithBar(what, total, work);
        }
        else
        {
            RunWithLines(what, total, work);
        }
    }

    private void RunWithBar(string what, long total, Action<Action<long>> work)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        terminal.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var task = context.AddTask(what, maxValue: total);
            work(done => task.Value = done);
        });
    }

    private void RunWithLines(string what, long total, Action<Action<long>> work)
    {
        var began = clock.GetTimestamp();
        var due = Quiet;
        work(done =>
        {
            var elapsed = clock.GetElapsedTime(began);
            if (elapsed >= due && done > 0)
            {
                due = elapsed + Interval;
                var left = elapsed * ((double)(total - done) / done);
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {100.0 * done / total:0} %, {(int)left.TotalMinutes}:{left:ss} left"));
            }
        });
    }
}
