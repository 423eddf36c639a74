namespace EdgeGateway.Alerts;

/// <summary>Why an alert that would be raised is not told. Counted as <c>alerts.suppressed</c> when the condition ends untold.</summary>
internal enum Hold { Shelved, Inhibited, Flood, OutOfService }

/// <summary>A raise that is not told for now.</summary>
/// <param name="Alert">As it would have been raised, under the id that it will have when it is told after all.</param>
internal sealed record HeldRaise(Alert Alert, Hold Reason);

/// <summary>What is known of one condition, a subject and a family: as the stages see it, and as it was told. The two differ while a raise is held or a clear waits.</summary>
internal sealed class Condition(string subject, string family)
{
    /// <summary>So many raises within <see cref="FlapTime"/> make a condition flap.</summary>
    public const int FlapRaises = 4;

    /// <summary>By event time.</summary>
    public static readonly TimeSpan FlapTime = TimeSpan.FromHours(1);

    /// <summary>A flapping condition must have been quiet for this long before its alert is cleared.</summary>
    public static readonly TimeSpan FlapQuiet = TimeSpan.FromMinutes(15);

    /// <summary>Event times of the newest raises, oldest first, at most <see cref="FlapRaises"/>.</summary>
    private readonly List<DateTimeOffset> raises = new(FlapRaises);

    public string Subject { get; } = subject;

    public string Family { get; } = family;

    /// <summary>The newest alert that was told, open or ended; null when there was none.</summary>
    public Alert? Newest { get; set; }

    /// <summary>A raise that is not told for now.</summary>
    public HeldRaise? Held { get; set; }

    /// <summary>The time that the id of the newest raise was made from. Ids of one condition are made from rising times, also when a sensor's clock is set back and its times come again.</summary>
    public DateTimeOffset IdTime { get; set; }

    /// <summary>Since when the condition is over although its alert is still open; null when that is not so.</summary>
    public DateTimeOffset? QuietSince { get; set; }

    /// <summary>Since when its open alert is waited for, our clock (<see cref="Realarm"/>); null until the next tick.</summary>
    public DateTimeOffset? HoldsSince { get; set; }

    /// <summary>Whether an alert was raised and not cleared.</summary>
    public bool IsOpen => Newest is { Active: true };

    /// <summary>Whether the condition holds.</summary>
    public bool IsActive => Held is not null || (IsOpen && QuietSince is null);

    /// <summary>Event times of the newest raises, for a snapshot.</summary>
    public IReadOnlyList<DateTimeOffset> Raises => raises;

    /// <summary>Whether somebody wants to hear nothing of it at this time.</summary>
    public bool IsShelved(DateTimeOffset now) => Newest?.ShelvedUntil > now;

    /// <summary>Notes a raise by the stages, told or not.</summary>
    public void CountRaise(DateTimeOffset at)
    {
        if (raises.Count == FlapRaises)
        {
            raises.RemoveAt(0);
        }

        raises.Add(at);
    }

    /// <summary>Raises in the hour before this time, it included.</summary>
    public int RaisesUntil(DateTimeOffset at) => raises.Count(r => at - r < FlapTime && r <= at);

    /// <summary>Whether it flapped when it was raised last.</summary>
    public bool IsFlapping() => raises.Count > 0 && IsFlapping(raises[^1]);

    /// <summary>Whether it is raised and cleared again and again. Of anomalies the silence after a raise and <c>clearAfter</c> take care.</summary>
    public bool IsFlapping(DateTimeOffset at) => Family != Alerts.Family.Anomaly && RaisesUntil(at) >= FlapRaises;
}
