using System.Security.Cryptography.X509Certificates;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Hubstand.Hub;

/// <summary>Takes connections, whatever they come over: CONNECT, its verdict, then a session.</summary>
internal sealed class MqttFrontDoor(HubContext hub, ClientTable clients, SessionRequests requests)
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);

    /// <summary>CONNACK of MQTT 3.1.1 with return code 1, whatever version was asked for.</summary>
    private static readonly byte[] UnacceptableVersion = [0x20, 2, 0, 1];

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(Stream stream, X509Certificate2? certificate, string transport, CancellationToken stop)
    {
        await using var wire = new MqttWire(stream);
        try
        {
            if (!hub.Switches.Down && await FirstPacketAsync(wire, stop) is MqttConnectPacket connect)
            {
                await AnswerAsync(wire, connect, certificate, transport, stop);
            }
        }
        catch (MqttWireException e)
        {
            hub.Counters.Count(e.Happened);
            hub.Log($"A connection is closed: {e.Message}");
            if (e.Happened == HubEvent.RefusedProtocolVersion)
            {
                await stream.WriteAsync(UnacceptableVersion, stop);
                await stream.FlushAsync(stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // the peer went away, or we stop
        }
    }

    private async Task<MqttPacket?> FirstPacketAsync(MqttWire wire, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(ConnectPatience, hub.Options.KeepAliveClock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        return await wire.ReadAsync(both.Token);
    }

    private async Task AnswerAsync(MqttWire wire, MqttConnectPacket connect, X509Certificate2? certificate, string transport, CancellationToken stop)
    {
        if (hub.Switches.ConnackDelay is var delay && delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, hub.Clock, stop);
        }

        var verdict = Judge(connect, certificate);
        if (verdict.Identity is null)
        {
            hub.Counters.Count(verdict.Code == MqttConnectReturnCode.ConnectionRefusedServerUnavailable ? HubEvent.RefusedUnavailable : HubEvent.RefusedNotAuthorized);
            hub.Log($"{connect.ClientId}: refused with {(int)verdict.Code}. {verdict.Reason}");
            await wire.SendAsync(new MqttConnAckPacket { ReturnCode = verdict.Code }, stop);
            return;
        }

        var client = clients.Of(verdict.Identity.Name);
        var session = new Session(wire, connect, verdict, client, requests, hub);
        client.TakeOver(session)?.Close(HubEvent.ClosedTakenOver, "a second connection of the same identity came");
        var present = client.HasKeptSession && !connect.CleanSession && !hub.Switches.ForgetSessions.Take();
        if (!present)
        {
            client.Subscriptions.Clear();
        }

        client.HasKeptSession = !connect.CleanSession;
        hub.Counters.Count(HubEvent.Connected);
        hub.Log($"{client.Name}: connected by {transport}, {(verdict.Token is { } t ? $"token until {DateTimeOffset.FromUnixTimeSeconds(t.Expiry):u}" : "client certificate")}");
        await wire.SendAsync(new MqttConnAckPacket { ReturnCode = verdict.Code, IsSessionPresent = present }, stop);
        await session.RunAsync(stop);
    }

    private ConnectVerdict Judge(MqttConnectPacket connect, X509Certificate2? certificate) => hub.Switches.RefuseConnects.Take()
        ? new((MqttConnectReturnCode)hub.Switches.RefuseCode, "A switch of hubstand says so.", null, null)
        : ConnectRules.Judge(connect, certificate, hub);
}
