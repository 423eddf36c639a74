namespace EdgeGateway.Updates;

/// <summary>Wakes one who waits; told while nobody waits, the next wait ends at once.</summary>
internal sealed class Signal(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim told = new(0, 1);

    /// <summary>Wakes.</summary>
    public void Set()
    {
        try
        {
            told.Release();
        }
        catch (SemaphoreFullException)
        {
            // it was told already
        }
    }

    /// <summary>Ends when it is told, or after a while.</summary>
    /// <param name="most"><see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    public async Task WaitAsync(TimeSpan most, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await told.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            // the while is over
        }
    }

    /// <inheritdoc/>
    public void Dispose() => told.Dispose();
}
