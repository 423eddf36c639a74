namespace EdgeGateway.Phi;

/// <summary>
/// Counts who still uses native memory: the owner, and every call under way. Memory goes when the last one lets go, so that an owner may let go at any
/// time. Safe for many threads.
/// </summary>
internal sealed class Leases(Action free)
{
    private int holders = 1;
    private int ownerGone;

    /// <summary>Whether the owner has let go.</summary>
    public bool IsClosed => Volatile.Read(ref ownerGone) != 0;

    /// <summary>Whether the last one has let go.</summary>
    public bool IsFreed => Volatile.Read(ref holders) == 0;

    /// <summary>Takes a lease; false when the owner has let go.</summary>
    public bool TryTake()
    {
        if (IsClosed)
        {
            return false;
        }

        for (var seen = Volatile.Read(ref holders); seen > 0; seen = Volatile.Read(ref holders))
        {
            if (Interlocked.CompareExchange(ref holders, seen + 1, seen) == seen)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives a lease back.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            free();
        }
    }

    /// <summary>The owner lets go; true the first time.</summary>
    public bool Close()
    {
        if (Interlocked.Exchange(ref ownerGone, 1) != 0)
        {
            return false;
        }

        Return();
        return true;
    }
}
