using EdgeGateway.Storage;

namespace EdgeGateway.Delivery;

/// <summary>A place that alerts are delivered to. Delivery keeps order and retries; a sink only sends.</summary>
internal interface IAlertSink
{
    /// <summary>Stable name: the outbox keeps a checkpoint under it.</summary>
    string Name { get; }

    /// <summary>Whether it goes no farther than the site: it is told of alerts that are only observed, too.</summary>
    bool IsLocal => false;

    /// <summary>Whether a budget is used up, so that only urgent entries can be sent.</summary>
    bool OnlyUrgent => false;

    /// <summary>Keeps the way to the other side open until the token is cancelled, and closes it then.</summary>
    Task RunAsync(CancellationToken token);

    /// <summary>
    /// Sends one transition and returns once the other side has acknowledged it. Throws when it could not, or when that takes longer than the other side may be waited for; the
    /// entry is then sent again under the same id.
    /// </summary>
    /// <exception cref="DeadLetterException">No attempt can deliver it: it is put aside.</exception>
    /// <exception cref="OverBudgetException">It exceeds a budget, was not sent and waits.</exception>
    Task SendAsync(OutboxEntry entry, CancellationToken token);
}
