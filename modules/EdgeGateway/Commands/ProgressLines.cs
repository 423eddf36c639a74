using System.Diagnostics;
using System.Globalization;

namespace EdgeGateway.Commands;

/// <summary>Progress of something that takes longer than two seconds, on standard error: one refreshing line on a terminal, else a plain line now and then. Thread-safe.</summary>
internal sealed class ProgressLines(string what, long total) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Terminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Plain = TimeSpan.FromSeconds(10);
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private TimeSpan lastShown;
    private long done;
    private bool shown;

    /// <summary>So much more is done.</summary>
    public void Advance(long more)
    {
        lock (gate)
        {
            done += more;
            var interval = Console.IsErrorRedirected ? Plain : Terminal;
            if (watch.Elapsed > Quiet && watch.Elapsed - lastShown >= interval)
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
        var left = watch.Elapsed * ((double)(total - done) / done);
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {100 * done / total} %, {left:h\\:mm\\:ss} left");
        Console.Error.Write(Console.IsErrorRedirected ? line + "\n" : $"\r{line}   ");
    }
}
