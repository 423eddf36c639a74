using System.Globalization;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary>
/// Lines of a long run, on standard error and in a log file: what happened, and how far each part is. Progress is one refreshing line on a terminal, else a plain line
/// every ten seconds. Thread-safe.
/// </summary>
/// <param name="file">Gets the plain lines with their UTC times; null for none.</param>
internal sealed class ProgressLog(TimeProvider clock, TextWriter? file)
{
    private static readonly TimeSpan Terminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Plain = TimeSpan.FromSeconds(10);
    private readonly TimeProvider clock = clock;
    private readonly Lock gate = new();
    private int refreshed;

    /// <summary>Something happened.</summary>
    public void Say(string line)
    {
        lock (gate)
        {
            Clear_NeedsLock();
            Console.Error.WriteLine(line);
            Write_NeedsLock(line);
        }
    }

    /// <summary>A part begins, <paramref name="done"/> of <paramref name="total"/> of which an earlier run did.</summary>
    public Part Start(string name, int total, int done = 0) => new(this, name, total, done);

    private void Clear_NeedsLock()
    {
        if (refreshed > 0)
        {
            Console.Error.Write($"\r{new string(' ', refreshed)}\r");
            refreshed = 0;
        }
    }

    private void Write_NeedsLock(string line) => file?.WriteLine($"{clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)} {line}");

    /// <summary>One part of the run. Thread-safe.</summary>
    public sealed class Part(ProgressLog log, string name, int total, int already)
    {
        private readonly long began = log.clock.GetTimestamp();
        private TimeSpan shown;
        private TimeSpan written;

        /// <summary>So much is done; <paramref name="detail"/> stands behind it.</summary>
        public void Report(int done, string detail = "")
        {
            lock (log.gate)
            {
                var elapsed = log.clock.GetElapsedTime(began);
                var left = elapsed / Math.Max(1, done - already) * (total - done);
                var line = string.Create(CultureInfo.InvariantCulture, $"{name} {done} of {total}{detail}, {left:m\\:ss} left");
                var due = elapsed - written >= Plain || done == total;
                if (!Console.IsErrorRedirected && (due || elapsed - shown >= Terminal))
                {
                    shown = elapsed;
                    log.Clear_NeedsLock();
                    Console.Error.Write(line);
                    log.refreshed = line.Length;
                }

                if (due)
                {
                    written = elapsed;
                    log.Write_NeedsLock(line);
                    if (Console.IsErrorRedirected)
                    {
                        Console.Error.WriteLine(line);
                    }
                }
            }
        }
    }
}
