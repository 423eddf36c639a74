using System.Collections.Concurrent;
using Hubstand.Identities;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Hubstand.Hub;

/// <summary>What the server keeps of an identity beyond one connection.</summary>
internal sealed class Client(IdentityName name)
{
    private const int MostSubscriptions = 5;
    private Session? current;

    public IdentityName Name { get; } = name;

    /// <summary>Subscriptions by filter with the granted QoS; kept for a session that is not clean.</summary>
    public ConcurrentDictionary<string, MqttQualityOfServiceLevel> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Messages for this identity in order.</summary>
    public Mailbox Mailbox { get; } = new();

    /// <summary>A session that is not clean left something behind.</summary>
    public bool HasKeptSession { get; set; }

    /// <summary>The open connection, if any.</summary>
    public Session? Current => Volatile.Read(ref current);

    /// <summary>Makes a connection the current one and gives the one before.</summary>
    public Session? TakeOver(Session session) => Interlocked.Exchange(ref current, session);

    /// <summary>The connection has ended; false when another had taken over.</summary>
    public bool Leave(Session session) => Interlocked.CompareExchange(ref current, null, session) == session;

    /// <summary>Subscribes, unless it is the sixth or a switch refuses it, and gives the code for SUBACK.</summary>
    public MqttSubscribeReasonCode Grant(MqttTopicFilter filter, HubContext hub)
    {
        var tooMany = !Subscriptions.ContainsKey(filter.Topic) && Subscriptions.Count >= MostSubscriptions;
        if (tooMany || filter.Topic == hub.Switches.RefuseFilter)
        {
            hub.Counters.Count(HubEvent.SubscriptionRefused);
            hub.Log($"{Name}: {filter.Topic} is refused, {(tooMany ? $"more than {MostSubscriptions} subscriptions" : "a switch of hubstand says so")}");
            return MqttSubscribeReasonCode.UnspecifiedError;
        }

        if (Subscription.KindOf(filter.Topic, Name) == SubscriptionKind.Other)
        {
            hub.Counters.Count(HubEvent.SubscriptionWithoutEffect);
            hub.Log($"{Name}: the subscription {filter.Topic} leads to nothing");
        }

        var granted = filter.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce;
        Subscriptions[filter.Topic] = granted;
        return (MqttSubscribeReasonCode)granted;
    }

    /// <summary>The granted QoS of a kind of subscription; null without one.</summary>
    public MqttQualityOfServiceLevel? Granted(SubscriptionKind kind)
    {
        foreach (var (filter, qos) in Subscriptions)
        {
            if (Subscription.KindOf(filter, Name) == kind)
            {
                return qos;
            }
        }

        return null;
    }
}

/// <summary>Messages that wait for one identity; the first stays until it is acknowledged.</summary>
internal sealed class Mailbox
{
    private readonly ConcurrentQueue<Delivery> waiting = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => waiting.Count;

    public void Add(Delivery delivery)
    {
        waiting.Enqueue(delivery);
        Wake();
    }

    /// <summary>Lets whoever waits look again.</summary>
    public void Wake() => Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The first message; waits for one while there is none, or while <paramref name="ready"/> says no.</summary>
    public async Task<Delivery> FirstAsync(Func<bool> ready, CancellationToken token)
    {
        while (true)
        {
            var change = Volatile.Read(ref changed).Task;
            if (ready() && waiting.TryPeek(out var first))
            {
                return first;
            }

            await change.WaitAsync(token);
        }
    }

    public void RemoveFirst() => waiting.TryDequeue(out _);
}

/// <summary>One message on its way to a client.</summary>
/// <param name="Topic">With its property bag.</param>
internal sealed record Delivery(string Topic, ReadOnlyMemory<byte> Body);
