namespace EdgeGateway.Hub;

/// <summary>Hands on the changes of the desired properties, one at a time, and none while the owner reads the twin after a connect: those wait until it is done.</summary>
internal sealed class DesiredPatches(Action<ReadOnlyMemory<byte>> changed)
{
    private const int MostWaiting = 100;
    private readonly Lock gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> waiting = new();
    private bool isOpen;
    private bool isClosed = true;

    /// <summary>A connection begins: its changes are collected.</summary>
    public void Begin()
    {
        lock (gate)
        {
            (isOpen, isClosed) = (false, false);
            waiting.Clear();
        }
    }

    /// <summary>A change came. False when too many wait: then only reading the twin anew makes it whole.</summary>
    public bool Take(ReadOnlyMemory<byte> patch)
    {
        lock (gate)
        {
            if (isOpen)
            {
                changed(patch);
            }
            else if (waiting.Count >= MostWaiting)
            {
                return false;
            }
            else if (!isClosed)
            {
                waiting.Enqueue(patch);
            }

            return true;
        }
    }

    /// <summary>The owner has read the twin: what waits is handed on, and from now on everything as it comes.</summary>
    public void Open()
    {
        lock (gate)
        {
            while (!isClosed && waiting.TryDequeue(out var patch))
            {
                changed(patch);
            }

            isOpen = !isClosed;
        }
    }

    /// <summary>The connection is gone: nothing of it is handed on any more.</summary>
    public void Close()
    {
        lock (gate)
        {
            (isOpen, isClosed) = (false, true);
        }
    }
}
