namespace Hubstand.Hub;

/// <summary>What reached the cloud; while edgeHub is offline its store keeps it.</summary>
internal sealed class Upstream(HubContext hub)
{
    private readonly List<TelemetryMessage> received = [];
    private readonly List<TelemetryMessage> stored = [];
    private readonly Lock changing = new();

    /// <summary>Everything that arrived, in order.</summary>
    public IReadOnlyList<TelemetryMessage> Received
    {
        get
        {
            lock (changing)
            {
                return [.. received];
            }
        }
    }

    /// <summary>Everything that arrived since the last call, in order; it is forgotten here.</summary>
    public IReadOnlyList<TelemetryMessage> Take()
    {
        lock (changing)
        {
            TelemetryMessage[] taken = [.. received];
            received.Clear();
            return taken;
        }
    }

    /// <summary>How many wait in edgeHub's store.</summary>
    public int Stored
    {
        get
        {
            lock (changing)
            {
                return stored.Count;
            }
        }
    }

    public void Add(TelemetryMessage message)
    {
        lock (changing)
        {
            (hub.Switches.Offline ? stored : received).Add(message);
        }

        hub.Counters.Count(HubEvent.Upstream);
        hub.Log($"{message.Sender}: message {message.Id ?? "without id"} of output {message.Output ?? "(none)"}, {message.Body.Length} bytes{(hub.Switches.Offline ? ", stored" : "")}");
    }

    /// <summary>The cloud is there again: the store is emptied in order.</summary>
    public void BackOnline()
    {
        lock (changing)
        {
            received.AddRange(stored);
            stored.Clear();
        }
    }
}
