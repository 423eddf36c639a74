using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Stages;

/// <summary>
/// Waits out a full disk: what was to be stored is kept and tried again, and meanwhile the stages before it wait, and in the end the broker. Every other fault of the disk
/// goes on to the caller and stops the process.
/// </summary>
internal sealed class FullDisk(TimeProvider clock, ILogger<FullDisk> logger)
{
    /// <summary>Time between two tries.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private int waiting;

    /// <summary>Whether something waits for room now.</summary>
    public bool IsWaiting => Volatile.Read(ref waiting) > 0;

    /// <summary>Returns once it is stored.</summary>
    /// <exception cref="StorageException">The disk refused for another reason.</exception>
    public async Task WaitOutAsync(Action store, CancellationToken token)
    {
        if (TryStore(store, waited: false))
        {
            return;
        }

        Interlocked.Increment(ref waiting);
        try
        {
            do
            {
                await Task.Delay(Pause, clock, token);
            }
            while (!TryStore(store, waited: true));
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private bool TryStore(Action store, bool waited)
    {
        try
        {
            store();
        }
        catch (StorageException failure) when (failure.Fault == StorageFault.Full)
        {
            if (!waited)
            {
                logger.DiskFull(failure.Message);
            }

            return false;
        }

        if (waited)
        {
            logger.DiskHasRoom();
        }

        return true;
    }
}
