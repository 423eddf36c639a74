using System.Collections.Concurrent;
using System.Diagnostics;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>The lines that a program prints.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Process process;

    /// <param name="process">Ended with this object.</param>
    public Listener(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is { } line)
            {
                Lines.Enqueue(line);
            }
        };
        process.BeginOutputReadLine();
    }

    /// <summary>All of them so far.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}
