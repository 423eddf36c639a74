namespace EdgeGateway.Storage;

/// <summary>
/// What waits for one sink, and what became of alerts and of their transitions since the store was opened. In alerts: carried over + raised = delivered + dead + expired +
/// evicted + pending; observed ones apart. In transitions: carried over + new = delivered + dead + folded + withheld + pending.
/// </summary>
/// <param name="Entries">That wait.</param>
/// <param name="Bytes">Of their bodies.</param>
/// <param name="Alerts">That have an entry that waits.</param>
/// <param name="CarriedAlerts">Whose raise waited when the store was opened.</param>
/// <param name="CarriedEntries">That waited when the store was opened.</param>
internal sealed record SinkTally(long Entries = 0, long Bytes = 0, long Alerts = 0, long CarriedAlerts = 0, long CarriedEntries = 0)
{
    /// <summary>Alerts that were raised for it.</summary>
    public long Raised { get; init; }

    /// <summary>Alerts whose raise was delivered, alone or folded into a later transition.</summary>
    public long Delivered { get; init; }

    /// <summary>Alerts whose raise could never be delivered.</summary>
    public long Dead { get; init; }

    /// <summary>Alerts that were raised while it was told of none.</summary>
    public long Observed { get; init; }

    /// <summary>Alerts that waited too long.</summary>
    public long Expired { get; init; }

    /// <summary>Alerts that had to make room.</summary>
    public long Evicted { get; init; }

    /// <summary>New transitions, whatever became of them.</summary>
    public long NewEntries { get; init; }

    /// <summary>Transitions that were delivered.</summary>
    public long DeliveredEntries { get; init; }

    /// <summary>Transitions that were put aside.</summary>
    public long DeadEntries { get; init; }

    /// <summary>Transitions for which a later one of their alert stands.</summary>
    public long Folded { get; init; }

    /// <summary>Transitions that left with their alert, or came after it had left.</summary>
    public long Withheld { get; init; }
}
