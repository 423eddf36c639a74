using System.Globalization;
using EdgeGateway.Delivery;
using EdgeGateway.Storage;

namespace EdgeGateway.Hub;

/// <summary>
/// Bytes that the hub may be handed in one UTC day of our clock: an edgeHub acknowledges and stores without a cap while its uplink is down. Kept over restarts, on disk in
/// blocks ahead of their use, so that a kill costs a block and never gives one. For one thread.
/// </summary>
internal sealed class HubBudget(GatewayStore store, DeliveryState state, TimeProvider clock)
{
    private const string Fact = "hub budget";
    private const int Block = 16 << 10;
    private string day = "";
    private long used;
    private long reserved;
    private string lastId = "";
    private (string Day, long Limit) spent;

    /// <summary>Whether something did not fit today.</summary>
    public bool IsSpent => spent == (Today, Limit);

    private long Limit => state.Settings.Alerts.HubBytesPerDay;

    private string Today => clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Counts a message that is about to be handed over, at its first attempt.</summary>
    /// <exception cref="OverBudgetException">It does not fit into what is left of the day.</exception>
    public void Use(string id, int bytes)
    {
        BeginDay(Today);
        if (id == lastId)
        {
            return;
        }

        if (used + bytes > Limit)
        {
            spent = (day, Limit);
            throw new OverBudgetException($"alerts.hubBytesPerDay is {Limit} bytes, and {used} have been sent on {day} (UTC). Alerts of the family limit are sent all the same, the others from the next day on, the most severe first");
        }

        if (used + bytes > reserved)
        {
            Reserve(used + bytes + Block);
        }

        (used, lastId) = (used + bytes, id);
    }

    /// <summary>Another day, also one before: a clock that was ahead must not hold everything back until it is that day again.</summary>
    private void BeginDay(string today)
    {
        if (day == today)
        {
            return;
        }

        used = day.Length == 0 && store.ReadFact(Fact)?.Split(' ') is [var of, var bytes] && of == today ? long.Parse(bytes, CultureInfo.InvariantCulture) : 0;
        (day, reserved, lastId) = (today, used, "");
    }

    private void Reserve(long bytes)
    {
        store.WriteFact(Fact, string.Create(CultureInfo.InvariantCulture, $"{day} {bytes}"));
        reserved = bytes;
    }
}
