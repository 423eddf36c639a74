namespace EdgeGateway.Twin;

/// <summary>When the whole twin is read without a cause: after 30 to 60 minutes, for edgeHub may miss a change in a short outage; sooner while it was not to be had.</summary>
internal sealed class RefreshSchedule(TimeProvider clock, Random jitter)
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30);
    private volatile TaskCompletionSource soon = NewSignal();

    /// <summary>The whole was not to be had, and is wanted sooner than usual.</summary>
    public void Soon() => soon.TrySetResult();

    /// <summary>Reads at its times until the token is cancelled.</summary>
    /// <param name="refresh">False when there was no answer.</param>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> refresh, CancellationToken token)
    {
        var pause = Usual;
        while (true)
        {
            if (await WaitAsync(pause * (1 + jitter.NextDouble()), token))
            {
                pause = await refresh(token) ? Usual : pause * 2 < Usual ? pause * 2 : Usual;
            }
            else
            {
                pause = FirstRetry;
            }
        }
    }

    /// <summary>False when the whole is wanted soon before the time is over.</summary>
    private async Task<bool> WaitAsync(TimeSpan time, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token);
        var wanted = soon.Task;
        var over = Task.Delay(time, clock, either.Token);
        await Task.WhenAny(over, wanted);
        await either.CancelAsync();
        token.ThrowIfCancellationRequested();
        if (!wanted.IsCompleted)
        {
            return true;
        }

        soon = NewSignal();
        return false;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
