namespace EdgeGateway.Page;

/// <summary>
/// How many wrong tokens are borne: ten a minute of one address, a hundred of all. Who is beyond is told to wait. A right token is never held up: 256 bits are not guessed, and a flood of wrong ones must
/// not keep operators out. Thread-safe.
/// </summary>
internal sealed class WrongTokens(TimeProvider clock)
{
    /// <summary>Of one address.</summary>
    public const int MostOfOne = 10;

    /// <summary>Of all addresses; so many addresses are remembered at most.</summary>
    public const int MostOfAll = 100;

    /// <summary>After so long it begins anew.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> byAddress = new(StringComparer.Ordinal);
    private int all;
    private long began = clock.GetTimestamp();

    /// <summary>Whether this address has not been wrong too often.</summary>
    public bool Allows(string address)
    {
        lock (gate)
        {
            Begin_NeedsLock();
            return all < MostOfAll && byAddress.GetValueOrDefault(address) < MostOfOne;
        }
    }

    /// <summary>Notes a wrong one; true for the first in this minute.</summary>
    public bool Add(string address)
    {
        lock (gate)
        {
            Begin_NeedsLock();
            if (all < MostOfAll)
            {
                byAddress[address] = byAddress.GetValueOrDefault(address) + 1;
            }

            return all++ == 0;
        }
    }

    private void Begin_NeedsLock()
    {
        if (clock.GetElapsedTime(began) >= Period)
        {
            (all, began) = (0, clock.GetTimestamp());
            byAddress.Clear();
        }
    }
}
