namespace EdgeGateway.Ingest;

/// <summary>
/// The newest messages by topic and event time: as many as the broker may send a second time after a reconnect. Without it ten messages that come again would look like a
/// clock that was set back.
/// </summary>
internal sealed class RecentMessages(int capacity)
{
    private readonly HashSet<(string Topic, long Time)> known = [];
    private readonly Queue<(string Topic, long Time)> oldestFirst = new();

    /// <summary>Remembers a message and forgets the oldest beyond the capacity.</summary>
    public void Add(string topic, DateTimeOffset time)
    {
        var message = (topic, time.UtcTicks);
        if (!known.Add(message))
        {
            return;
        }

        oldestFirst.Enqueue(message);
        if (oldestFirst.Count > capacity)
        {
            known.Remove(oldestFirst.Dequeue());
        }
    }

    /// <summary>Whether it is one of the newest messages.</summary>
    public bool Contains(string topic, DateTimeOffset time) => known.Contains((topic, time.UtcTicks));
}
