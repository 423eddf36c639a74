using System.Diagnostics;
using System.Globalization;

namespace EdgeGateway.Commands;

/// <summary>Progress of something that takes longer than two seconds, on standard error: one refreshing line on a terminal, else a plain line now and then. Thread-safe.</summary>
internal sealed class ProgressLines(string unit, int total) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Terminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Plain = TimeSpan.FromSeconds(10);
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private TimeSpan lastShown;
    private int done;
    private bool shown;

    /// <summary>One more is done.</summary>
    public void Advance()
    {
        lock (gate)
        {
            done++;
            var interval = Console.IsErrorRedirected ? Plain : Terminal;
            if (watch.Elapsed > Quiet && (watch.Elapsed - lastShown >= interval || done == total))
            {
                Show_NeedsLock();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (shown && !Console.IsErrorRedirected)
        {
            Console.Error.WriteLine();
        }
    }

    private void Show_NeedsLock()
    {
        (lastShown, shown) = (watch.Elapsed, true);
        var left = TimeSpan.FromSeconds(watch.Elapsed.TotalSeconds / done * (total - done));
        var line = string.Create(CultureInfo.InvariantCulture, $"{unit} {done} of {total}, {left:m\\:ss} left");
        Console.Error.Write(Console.IsErrorRedirected ? line + "\n" : $"\r{line}   ");
    }
}
