using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Hubstand.Identities;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Hubstand.Hub;

/// <summary>One accepted connection: packets in their order, acknowledgements, subscriptions and one input at a time.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A token source without a timer holds nothing, and closing may come after the end.")]
internal sealed class Session(MqttWire wire, MqttConnectPacket connect, ConnectVerdict verdict, Client client, SessionRequests requests, HubContext hub)
{
    /// <summary>edgeHub's ceiling, which also stands for "no keep-alive".</summary>
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource> unacknowledged = new();
    private int lastPacketId;
    private bool graceful;

    public Client Client => client;

    /// <summary>The token it lives on; null with a certificate.</summary>
    public SasToken? Token => verdict.Token;

    /// <summary>Reads packets until the connection ends.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, stop);
        await using var keepAlive = hub.Options.KeepAliveClock.CreateTimer(_ => Close(HubEvent.ClosedKeepAlive, "nothing came within one and a half keep-alive times"), null, KeepAlive, Timeout.InfiniteTimeSpan);
        var inputs = DeliverInputsAsync(ended.Token);
        try
        {
            while (await wire.ReadAsync(ended.Token) is { } packet)
            {
                keepAlive.Change(KeepAlive, Timeout.InfiniteTimeSpan);
                if (packet is MqttDisconnectPacket)
                {
                    graceful = true;
                    hub.Counters.Count(HubEvent.Disconnected);
                    break;
                }

                await HandleAsync(packet, ended.Token);
            }
        }
        catch (MqttWireException e)
        {
            Close(e.Happened, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // closed by us, or cut by the peer
        }

        await closing.CancelAsync();
        await inputs;
        End();
    }

    /// <summary>Ends the connection without a word, as the servers do.</summary>
    public void Close(HubEvent happened, string reason)
    {
        hub.Counters.Count(happened);
        hub.Log($"{client.Name}: closed, {reason}");
        closing.Cancel();
    }

    /// <summary>Ends the connection without counting it.</summary>
    public void Drop() => closing.Cancel();

    /// <summary>Publishes to the client; with QoS 1 the task ends when it is acknowledged.</summary>
    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, MqttQualityOfServiceLevel qos, CancellationToken token)
    {
        var packet = new MqttPublishPacket { Topic = topic, Payload = new(payload), QualityOfServiceLevel = qos };
        if (qos == MqttQualityOfServiceLevel.AtMostOnce)
        {
            await wire.SendAsync(packet, token);
            return;
        }

        packet.PacketIdentifier = NextPacketId();
        var acknowledged = unacknowledged[packet.PacketIdentifier] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await wire.SendAsync(packet, token);
            await acknowledged.Task.WaitAsync(token);
        }
        finally
        {
            unacknowledged.TryRemove(packet.PacketIdentifier, out _);
        }
    }

    /// <summary>Publishes what a kind of subscription asks for, without waiting for an acknowledgement; false when there is none, or when the connection is ending.</summary>
    public bool TryPublish(SubscriptionKind kind, string topic, ReadOnlyMemory<byte> payload)
    {
        if (closing.IsCancellationRequested || client.Granted(kind) is not { } qos)
        {
            return false;
        }

        _ = NotWaiting(PublishAsync(topic, payload, qos, closing.Token));
        return true;
    }

    /// <summary>For what the packets that follow do not wait for.</summary>
    private static Task NotWaiting(Task work)
    {
        _ = QuietlyAsync(work);
        return Task.CompletedTask;
    }

    private static async Task QuietlyAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // the connection ended: nothing is queued for it
        }
    }

    private TimeSpan KeepAlive => 1.5 * (connect.KeepAlivePeriod == 0 ? LongestKeepAlive : TimeSpan.FromSeconds(Math.Min(connect.KeepAlivePeriod, LongestKeepAlive.TotalSeconds)));

    private Task HandleAsync(MqttPacket packet, CancellationToken token) => packet switch
    {
        MqttPublishPacket publish => OnPublishAsync(publish, token),
        MqttSubscribePacket subscribe => NotWaiting(OnSubscribeAsync(subscribe, token)),
        MqttUnsubscribePacket unsubscribe => OnUnsubscribeAsync(unsubscribe, token),
        MqttPubAckPacket ack => OnPubAck(ack),
        MqttPingReqPacket => wire.SendAsync(MqttPingRespPacket.Instance, token),
        _ => throw new MqttWireException(HubEvent.ClosedMalformed, $"{packet.GetRfcName()} has no place here"),
    };

    private async Task OnPublishAsync(MqttPublishPacket publish, CancellationToken token)
    {
        if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
        {
            throw new MqttWireException(HubEvent.ClosedQos2, "it published with QoS 2");
        }

        requests.Accept(this, publish);
        if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            return;
        }

        if (hub.Switches.PubAckDelay is var delay && delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, hub.Clock, token);
        }

        if (hub.Switches.LosePubAcks.Take())
        {
            hub.Counters.Count(HubEvent.PubAckLost);
            return;
        }

        await wire.SendAsync(new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier }, token);
    }

    private async Task OnSubscribeAsync(MqttSubscribePacket subscribe, CancellationToken token)
    {
        if (subscribe.TopicFilters.Count > 1)
        {
            hub.Counters.Count(HubEvent.SubscribedSeveral);
        }

        if (hub.Switches.SubAckDelay is var delay && delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, hub.Clock, token);
        }

        var codes = subscribe.TopicFilters.Select(filter => client.Grant(filter, hub)).ToList();
        await wire.SendAsync(new MqttSubAckPacket { PacketIdentifier = subscribe.PacketIdentifier, ReasonCodes = codes }, token);
        client.Mailbox.Wake();
    }

    private Task OnUnsubscribeAsync(MqttUnsubscribePacket unsubscribe, CancellationToken token)
    {
        unsubscribe.TopicFilters.ForEach(filter => client.Subscriptions.TryRemove(filter, out _));
        return wire.SendAsync(new MqttUnsubAckPacket { PacketIdentifier = unsubscribe.PacketIdentifier }, token);
    }

    private Task OnPubAck(MqttPubAckPacket ack)
    {
        if (unacknowledged.TryRemove(ack.PacketIdentifier, out var waiting))
        {
            if (unacknowledged.Keys.Any(older => older < ack.PacketIdentifier))
            {
                hub.Counters.Count(HubEvent.PubAckOutOfOrder);
            }

            waiting.TrySetResult();
        }

        return Task.CompletedTask;
    }

    /// <summary>One message at a time: the next goes out when this one is acknowledged; unacknowledged ones come again.</summary>
    private async Task DeliverInputsAsync(CancellationToken token)
    {
        try
        {
            while (true)
            {
                var first = await client.Mailbox.FirstAsync(() => client.Current == this && Inbox is not null, token);
                using var patience = new CancellationTokenSource(hub.Options.InputTimeout, hub.Clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, token);
                while (hub.Switches.RepeatInputs.Take())
                {
                    TryPublish(InboxKind, first.Topic, first.Body);
                }

                try
                {
                    await PublishAsync(first.Topic, first.Body, Inbox ?? MqttQualityOfServiceLevel.AtMostOnce, both.Token);
                    client.Mailbox.RemoveFirst();
                    hub.Counters.Count(HubEvent.InputDelivered);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    hub.Counters.Count(HubEvent.InputRetried);
                    hub.Log($"{client.Name}: no PUBACK for an input within {hub.Options.InputTimeout.TotalSeconds} s, it is sent again");
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // the connection ended: what was not acknowledged waits for the next one
        }
    }

    private SubscriptionKind InboxKind => client.Name.Module is null ? SubscriptionKind.CloudToDevice : SubscriptionKind.Inputs;

    private MqttQualityOfServiceLevel? Inbox => client.Granted(InboxKind);

    private void End()
    {
        if (client.Leave(this) && connect.CleanSession)
        {
            client.Subscriptions.Clear();
        }

        if (!graceful && connect.WillFlag)
        {
            requests.Will(this, connect);
        }

        hub.Log($"{client.Name}: disconnected");
    }

    private ushort NextPacketId() => (ushort)((Interlocked.Increment(ref lastPacketId) % ushort.MaxValue) + 1);
}
