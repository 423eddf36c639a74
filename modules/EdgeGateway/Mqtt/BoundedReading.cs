using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Packets;

namespace EdgeGateway.Mqtt;

/// <summary>
/// Makes MQTTnet stop reading its socket while a number of messages wait to be taken. MQTTnet by itself reads on and keeps them in a queue without bound; with this the
/// window of TCP closes, and what cannot be taken waits at the broker. One instance serves one connection.
/// </summary>
/// <param name="most">Messages that may wait.</param>
internal sealed class BoundedReading(int most) : IMqttClientAdapterFactory, IDisposable
{
    /// <summary>One place more than messages, so that a broker that keeps to the receive maximum can still answer a ping.</summary>
    private readonly SemaphoreSlim room = new(most + 1, most + 1);

    /// <summary>A message was taken: another may be read.</summary>
    public void Taken() => room.Release();

    /// <inheritdoc/>
    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        new Adapter(new MqttClientAdapterFactory().CreateClientAdapter(options, packetInspector, logger), room);

    /// <inheritdoc/>
    public void Dispose() => room.Dispose();

    /// <summary>MQTTnet's own adapter, which everything is handed to.</summary>
    private sealed class Adapter(IMqttChannelAdapter inner, SemaphoreSlim room) : IMqttChannelAdapter
    {
        public long BytesReceived => inner.BytesReceived;

        public long BytesSent => inner.BytesSent;

        public X509Certificate2 ClientCertificate => inner.ClientCertificate;

        public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

        public EndPoint LocalEndPoint => inner.LocalEndPoint;

        public bool IsSecureConnection => inner.IsSecureConnection;

        public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

        public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

        public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

        public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
        {
            await room.WaitAsync(cancellationToken);
            MqttPacket? packet = null;
            try
            {
                packet = await inner.ReceivePacketAsync(cancellationToken);
                return packet;
            }
            finally
            {
                if (packet is not MqttPublishPacket)
                {
                    room.Release();
                }
            }
        }

        public void ResetStatistics() => inner.ResetStatistics();

        public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => inner.SendPacketAsync(packet, cancellationToken);

        public void Dispose() => inner.Dispose();
    }
}
