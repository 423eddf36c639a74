using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Ingest;

/// <summary>
/// <c>ack: durable</c>: a message is acknowledged once the journal on disk has its readings. A batch is committed when it is 1 s old, when half the receive maximum waits in
/// it, or 20 ms after the last message. Acknowledgements go out in receive order.
/// </summary>
internal sealed class DurableAcknowledger(IReadOnlyList<ISensorSource> sources, ReadingJournal journal, int receiveMaximum, FullDisk disk, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    /// <summary>Bytes, far below what the journal takes at once.</summary>
    private const int LargeBatch = 4 << 20;

    private readonly Lock batches = new();
    private readonly SemaphoreSlim work = new(0);
    private readonly SemaphoreSlim committing = new(1, 1);
    private JournalBatch filling = new();
    private JournalBatch written = new();
    private TaskCompletionSource half = NewSignal();
    private long firstAt;
    private long lastAt;

    /// <summary>Bytes of the journal file.</summary>
    public long JournalBytes => journal.SizeBytes;

    /// <summary>Adds the readings of one message to the batch, and commits it when it has grown large. Called in receive order.</summary>
    public async Task AddAsync(long number, List<SensorReading> readings)
    {
        if (Add(number, readings) > LargeBatch)
        {
            await CommitAsync(CancellationToken.None);
        }
    }

    private int Add(long number, List<SensorReading> readings)
    {
        lock (batches)
        {
            lastAt = clock.GetTimestamp();
            if (filling.IsEmpty)
            {
                firstAt = lastAt;
                work.Release();
            }

            filling.Add(number, readings);
            if (filling.Messages >= Math.Max(1, receiveMaximum / 2))
            {
                half.TrySetResult();
            }

            return filling.Bytes.Length;
        }
    }

    /// <summary>Commits and acknowledges until the token is cancelled; what was taken by then is committed before it returns.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            while (true)
            {
                await work.WaitAsync(token);
                await UntilDueAsync(token);
                await CommitAsync(token);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await CommitAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Commits what was added so far and returns the journal position behind it.</summary>
    public async Task<long> CommitAsync(CancellationToken token)
    {
        await committing.WaitAsync(token);
        try
        {
            if (!written.IsEmpty)
            {
                throw new InvalidOperationException("An earlier batch could not be stored, so nothing behind it may be acknowledged.");
            }

            lock (batches)
            {
                (filling, written) = (written, filling);
                half = NewSignal();
            }

            if (!written.Bytes.IsEmpty)
            {
                await disk.WaitOutAsync(() => journal.Append(written.Bytes), CancellationToken.None);
            }

            if (!written.IsEmpty)
            {
                foreach (var source in sources)
                {
                    // only the broker's messages have numbers
                    await source.AcknowledgeAsync(written.Through, token);
                }
            }

            written.Clear();
            return journal.LastPosition;
        }
        finally
        {
            committing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        filling.Dispose();
        written.Dispose();
        work.Dispose();
        committing.Dispose();
    }

    private async Task UntilDueAsync(CancellationToken token)
    {
        while (true)
        {
            TimeSpan wait;
            Task full;
            lock (batches)
            {
                var (age, idle) = (clock.GetElapsedTime(firstAt), clock.GetElapsedTime(lastAt));
                wait = filling.IsEmpty ? TimeSpan.Zero : Oldest - age < Idle - idle ? Oldest - age : Idle - idle;
                full = half.Task;
            }

            if (wait <= TimeSpan.Zero || full.IsCompleted)
            {
                return;
            }

            await Task.WhenAny(full, Task.Delay(wait, clock, token));
            token.ThrowIfCancellationRequested();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
