using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Mqtt;

/// <summary>
/// Reads back what the broker holds retained of ours, and says what is to be restored from the store: a state that another client emptied or overwrote, or that nobody knows. A
/// client that fights back gets one restore a minute for each topic. Any thread may call.
/// </summary>
/// <param name="root">Topic of this gateway.</param>
/// <param name="sink">Name of the sink in the outbox.</param>
internal sealed class MqttStateGuard(string root, string sink, GatewayStore store, Accounting accounting, TimeProvider clock, ILogger logger)
{
    /// <summary>How often to ask what is to be restored.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int MostAtOnce = 20;
    private const int MostNamed = 100;
    private const int MostStrange = 10_000;

    /// <summary>No state of ours has a longer name.</summary>
    private const int LongestName = 64;

    private static readonly TimeSpan Truce = TimeSpan.FromMinutes(1);

    /// <summary>Our own messages come back within this time, and retained ones have arrived after a subscription.</summary>
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<(UInt128 Payload, long At)>> echoes = [];
    private readonly Dictionary<string, UInt128> strange = [];
    private readonly Dictionary<string, long> restored = [];
    private readonly HashSet<string> named = [];
    private readonly string prefix = $"{root}/alerts/";
    private HashSet<string>? present;
    private bool hears;
    private long subscribedAt;
    private UInt128 status;

    /// <summary>Topic of the gateway's status.</summary>
    public string StatusTopic { get; } = $"{root}/status";

    /// <summary>What to subscribe to.</summary>
    public IReadOnlyList<string> Filters => [$"{prefix}+", StatusTopic];

    /// <summary>Whether a message of this topic is to be taken.</summary>
    public bool Watches(string topic) => topic == StatusTopic || topic.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>A connection was made and the subscription is about to be: the retained states come again.</summary>
    public void Subscribing()
    {
        lock (gate)
        {
            echoes.Clear();
            strange.Clear();
            (present, hears, subscribedAt) = ([], false, clock.GetTimestamp());
        }
    }

    /// <summary>We are about to publish this; it will come back.</summary>
    public void Sending(string topic, ReadOnlyMemory<byte> payload)
    {
        if (!Watches(topic))
        {
            return;
        }

        var print = Fingerprint(payload.Span);
        lock (gate)
        {
            status = topic == StatusTopic ? print : status;
            present?.Add(topic);
            if (!echoes.TryGetValue(topic, out var sent))
            {
                echoes.Add(topic, sent = new());
            }

            sent.Enqueue((print, clock.GetTimestamp()));
        }
    }

    /// <summary>Takes a message of one of the topics.</summary>
    public void Take(string topic, ReadOnlySequence<byte> payload)
    {
        if (topic.Length > prefix.Length + LongestName)
        {
            return;
        }

        var print = Fingerprint(payload.ToArray());
        lock (gate)
        {
            hears = true;
            if (print != default)
            {
                present?.Add(topic);
            }

            if (IsEcho(topic, print))
            {
                // what others wrote before is overwritten
                strange.Remove(topic);
            }
            else if (strange.Count < MostStrange || strange.ContainsKey(topic))
            {
                strange[topic] = print;
            }
        }
    }

    /// <summary>Topics to look at now, a bounded number of them.</summary>
    public IReadOnlyList<string> Due()
    {
        lock (gate)
        {
            foreach (var (topic, _) in restored.Where(r => clock.GetElapsedTime(r.Value) >= Truce).ToList())
            {
                restored.Remove(topic);
            }

            foreach (var (topic, sent) in echoes.Where(e => clock.GetElapsedTime(e.Value.Peek().At) > Truce).ToList())
            {
                DropOld_NeedsLock(topic, sent);
            }

            FindMissing_NeedsLock();
            return [.. strange.Keys.Where(topic => !restored.ContainsKey(topic)).Take(MostAtOnce)];
        }
    }

    /// <summary>What is to be published there, counted and named; null when it is right as it is or the outbox will bring it. Of the status the sink knows it.</summary>
    public ReadOnlyMemory<byte>? Restoring(string topic)
    {
        lock (gate)
        {
            if (!strange.TryGetValue(topic, out var found))
            {
                return null;
            }

            var (state, waits) = topic == StatusTopic ? (null, false) : store.StateAt(sink, topic[prefix.Length..]);
            if (waits)
            {
                return null;
            }

            strange.Remove(topic);
            var right = state is { Open: true } ? state.State : ReadOnlyMemory<byte>.Empty;
            if (found == (topic == StatusTopic ? status : Fingerprint(right.Span)))
            {
                return null;
            }

            restored[topic] = clock.GetTimestamp();
            Tell_NeedsLock(topic, ProblemOf(topic, state, found));
            return right;
        }
    }

    private string ProblemOf(string topic, AlertState? state, UInt128 found) =>
        topic == StatusTopic ? "status" : state is null ? "unknown" : !state.Open ? "ended" : found == default ? "cleared" : "forged";

    private void Tell_NeedsLock(string topic, string problem)
    {
        accounting.Of("states.restored", reason: problem).Add();
        if (named.Count < MostNamed && named.Add(topic))
        {
            logger.StateRestored(string.Concat(topic.Select(c => char.IsControl(c) ? '?' : c)), problem);
            if (named.Count == MostNamed)
            {
                logger.StatesOnlyCounted();
            }
        }
    }

    /// <summary>After the retained states have come: an open alert without one. Not where the broker lets us read nothing back.</summary>
    private void FindMissing_NeedsLock()
    {
        if (present is null || clock.GetElapsedTime(subscribedAt) < Arrival)
        {
            return;
        }

        foreach (var topic in hears ? store.OpenAlerts().Select(a => prefix + a.AlertId).Where(t => !present.Contains(t)) : [])
        {
            strange.TryAdd(topic, default);
        }

        present = null;
    }

    private bool IsEcho(string topic, UInt128 print)
    {
        if (!echoes.TryGetValue(topic, out var sent) || !DropOld_NeedsLock(topic, sent) || !sent.Any(e => e.Payload == print))
        {
            return false;
        }

        while (sent.Dequeue().Payload != print)
        {
            // an earlier one that did not come back, such as one from before the subscription
        }

        return sent.Count > 0 || echoes.Remove(topic);
    }

    /// <summary>False when nothing is left.</summary>
    private bool DropOld_NeedsLock(string topic, Queue<(UInt128 Payload, long At)> sent)
    {
        while (sent.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) > Truce)
        {
            sent.Dequeue();
        }

        return sent.Count > 0 || !echoes.Remove(topic);
    }

    /// <summary>Zero for an empty payload.</summary>
    private static UInt128 Fingerprint(ReadOnlySpan<byte> payload) => payload.IsEmpty ? default : BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(payload));
}
