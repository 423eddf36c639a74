using System.Buffers;
using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>
/// Message -> readings as they arrived: finds the source, reads the payload, checks the event time against our clock, and counts what it refuses. Foreign input never
/// throws. Not thread-safe: used by the Ingest stage alone.
/// </summary>
internal sealed partial class MessageReader(SensorRegistry registry, ClockState clock, ReadingCounters counters, int messageBytes)
{
    private readonly PayloadReader payloads = new();
    private readonly List<(Sensor Sensor, double Value)> found = [];

    /// <summary>Largest payload that is read.</summary>
    public int MessageBytes { get; set; } = messageBytes;

    /// <summary>Called for every rejected reading, for the log: source or topic, reason.</summary>
    public Action<string, string, RejectReason>? Rejected { get; set; }

    /// <summary>
    /// Appends the readings of one message; whether each is taken, <see cref="ReadingOrder"/> says. A message of OPC UA may hold several hops of several assets, each of which
    /// ends with a reading that says so.
    /// </summary>
    public void Read(in SensorMessage message, List<SensorReading> arrived)
    {
        if (message.Topic.Contains('\0', StringComparison.Ordinal))
        {
            // MQTT forbids it (section 1.5.4), and here it stands between a topic and the origin of a data set
            Reject("", message.Topic.Replace('\0', ' '), RejectReason.Topic);
            return;
        }

        if (registry.Find(message.Topic) is not { } binding)
        {
            ReadDataSets(message, arrived);
            return;
        }

        var source = binding.Map.Source.Name;
        var reason = message.Payload.Length > MessageBytes ? RejectReason.Size : Parse(message.Payload, binding.Map);
        if (reason is { } refused)
        {
            Reject(source, message.Topic, refused);
            return;
        }

        var unused = message.Retained && binding.Map.Source.Sample is null;
        reason = TryGetTime(binding, message.ReceivedAt, out var time, out refused) || unused ? null : refused;
        CollectValues(binding, unused, reason);
        for (var i = 0; i < found.Count; i++)
        {
            arrived.Add(new SensorReading(found[i].Sensor, time, found[i].Value, message.ReceivedAt, ClockStep: false, LastOfMessage: i == found.Count - 1));
        }
    }

    private RejectReason? Parse(in ReadOnlySequence<byte> payload, PayloadMap map)
    {
        if (payload.IsSingleSegment)
        {
            return payloads.Read(payload.FirstSpan, map);
        }

        var length = (int)payload.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        payload.CopyTo(rented);
        var reason = payloads.Read(rented.AsSpan(0, length), map);
        ArrayPool<byte>.Shared.Return(rented);
        return reason;
    }

    /// <summary>Finds the values and their sensors. Values that cannot be used are counted here and make no sensor: what floods us must not take the room of others.</summary>
    private void CollectValues(TopicBinding binding, bool unused, RejectReason? badTime)
    {
        found.Clear();
        var (source, ended) = (binding.Map.Source, 0);
        for (var slot = 0; slot < binding.Map.ValueCount; slot++)
        {
            var value = payloads.Slots[slot];
            if (value.Kind != FoundKind.Absent)
            {
                ended += Collect(binding, source.Values is { } values ? values[slot].Name : "", ref binding.BySlot[slot], payloads.GoodQuality, value, unused, badTime);
            }
        }

        foreach (var value in payloads.Named)
        {
            ended += CollectNamed(binding, value, payloads.GoodQuality, unused, badTime);
        }

        if (found.Count == 0 && ended == 0)
        {
            Reject(source.Name, binding.Topic, RejectReason.NoValue);
        }
    }

    private int CollectNamed(TopicBinding binding, in Found value, bool isGood, bool unused, RejectReason? badTime)
    {
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(binding.ByName, value.Name!, out _);
        var ended = Collect(binding, value.Name!, ref known, isGood, value, unused, badTime);
        if (known is null)
        {
            binding.ByName.Remove(value.Name!);
        }

        return ended;
    }

    private int Collect(TopicBinding binding, string name, ref Sensor? known, bool isGood, in Found value, bool unused, RejectReason? badTime)
    {
        if (binding.IsForeign)
        {
            counters.Count(binding.Map.Source.Name, "foreign", 1);
            return 1;
        }

        RejectReason? refused = value.Kind switch
        {
            FoundKind.NotANumber => RejectReason.NotANumber,
            FoundKind.NotFinite => RejectReason.NotFinite,
            _ when unused || badTime is not null => badTime,
            _ => known is not null || registry.TryResolve(binding, name, out known, out var reason) ? null : reason,
        };
        if (refused is { } because)
        {
            Reject(binding.Map.Source.Name, name.Length == 0 ? binding.Topic : $"{binding.Topic} {name}", because);
            return 1;
        }

        if (unused)
        {
            counters.Count(binding.Map.Source.Name, "retained", 1);
            return 1;
        }

        found.Add((known!, isGood ? value.Number : double.NaN));
        return 0;
    }

    private bool TryGetTime(TopicBinding binding, DateTimeOffset receivedAt, out DateTimeOffset time, out RejectReason reason)
    {
        time = receivedAt;
        reason = RejectReason.Time;
        if (binding.Map.Source.Time is null)
        {
            return true;
        }

        if (payloads.Time.Value is not { } stated)
        {
            return false;
        }

        time = stated;
        var judged = clock.Judge(stated, receivedAt);
        if (judged == RejectReason.Future && payloads.Time.Earlier is { } earlier)
        {
            time = earlier;
            judged = clock.Judge(earlier, receivedAt);
        }

        reason = judged ?? reason;
        return judged is null;
    }

    private void Reject(string source, string where, RejectReason reason)
    {
        counters.Count(source, "rejected", 1, reason);
        Rejected?.Invoke(source, where, reason);
    }
}
