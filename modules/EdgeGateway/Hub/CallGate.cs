namespace EdgeGateway.Hub;

/// <summary>
/// Counts the calls that are under way, and holds new ones back while the connection is changed for one with a new token. Until the first <see cref="Open"/> it is open: calls
/// without a connection fail at once instead of waiting.
/// </summary>
internal sealed class CallGate(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> underWay = new(StringComparer.Ordinal);
    private TaskCompletionSource open = Completed();
    private TaskCompletionSource empty = Completed();

    /// <summary>What is under way, for a sentence; empty when nothing is.</summary>
    public string Doing
    {
        get
        {
            lock (gate)
            {
                return string.Join(" and ", underWay.Where(u => u.Value > 0).Select(u => u.Key).Order(StringComparer.Ordinal));
            }
        }
    }

    /// <summary>Runs a call, once the gate is open.</summary>
    /// <param name="what">What it does, for a sentence: "sending a message".</param>
    /// <param name="waits">Whether it waits while the gate is closed; else it is only counted.</param>
    public async Task<T> PassAsync<T>(string what, Func<Task<T>> call, bool waits, CancellationToken token)
    {
        while (!TryEnter(what, waits))
        {
            await open.Task.WaitAsync(token);
        }

        try
        {
            return await call();
        }
        finally
        {
            Leave(what);
        }
    }

    /// <summary>Holds new calls back and waits until none is under way, at most this long.</summary>
    public async Task CloseAsync(TimeSpan patience, CancellationToken token)
    {
        Task drained;
        lock (gate)
        {
            open = open.Task.IsCompleted ? New() : open;
            drained = empty.Task;
        }

        try
        {
            await drained.WaitAsync(patience, clock, token);
        }
        catch (TimeoutException)
        {
            // what is still under way fails with the connection, and its owner sends it again
        }
    }

    /// <summary>Lets calls through.</summary>
    public void Open()
    {
        lock (gate)
        {
            open.TrySetResult();
        }
    }

    private bool TryEnter(string what, bool waits)
    {
        lock (gate)
        {
            if (waits && !open.Task.IsCompleted)
            {
                return false;
            }

            empty = empty.Task.IsCompleted ? New() : empty;
            underWay[what] = underWay.GetValueOrDefault(what) + 1;
            return true;
        }
    }

    private void Leave(string what)
    {
        lock (gate)
        {
            underWay[what]--;
            if (underWay.Values.All(n => n == 0))
            {
                empty.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Completed()
    {
        var completed = New();
        completed.SetResult();
        return completed;
    }
}
