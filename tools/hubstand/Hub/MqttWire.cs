using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Formatter.V3;
using MQTTnet.Packets;

namespace Hubstand.Hub;

/// <summary>
/// MQTT 3.1.1 packets over a stream. MQTTnet's codec, not its server: that one hides PUBACKs, sorts SUBACK codes and keeps sessions of its own, all of which the stand-in must control.
/// </summary>
internal sealed class MqttWire(Stream stream) : IAsyncDisposable
{
    /// <summary>edgeHub's limit of a whole packet.</summary>
    public const int LargestPacket = 262_144;

    private const int ConnectType = 1;
    private const byte Version311 = 4;
    private readonly PipeReader reader = PipeReader.Create(stream);
    private readonly MqttV3PacketFormatter decoder = new(new MqttBufferWriter(4096, 65_536), MqttProtocolVersion.V311);
    private readonly MqttV3PacketFormatter encoder = new(new MqttBufferWriter(4096, 65_536), MqttProtocolVersion.V311);
    private readonly SemaphoreSlim writing = new(1);

    /// <summary>The next packet; null at the end of the stream.</summary>
    /// <exception cref="MqttWireException">It is too large, malformed, or of another version.</exception>
    public async Task<MqttPacket?> ReadAsync(CancellationToken token)
    {
        while (true)
        {
            var result = await reader.ReadAsync(token);
            var buffer = result.Buffer;
            if (TryTake(ref buffer, out var packet))
            {
                reader.AdvanceTo(buffer.Start);
                return packet;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Sends one packet whole.</summary>
    public async Task SendAsync(MqttPacket packet, CancellationToken token)
    {
        await writing.WaitAsync(token);
        try
        {
            var encoded = encoder.Encode(packet);
            var bytes = new byte[encoded.Length];
            encoded.Packet.CopyTo(bytes);
            encoded.Payload.CopyTo(bytes.AsSpan(encoded.Packet.Count));
            await stream.WriteAsync(bytes, token);
            await stream.FlushAsync(token);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        writing.Dispose();
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer, out MqttPacket? packet)
    {
        packet = null;
        var bytes = new SequenceReader<byte>(buffer);
        if (!bytes.TryRead(out var header))
        {
            return false;
        }

        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (shift > 21)
            {
                throw new MqttWireException(HubEvent.ClosedMalformed, "a packet's length has more than four bytes");
            }

            if (!bytes.TryRead(out var part))
            {
                return false;
            }

            length |= (part & 0x7f) << shift;
            if (part < 0x80)
            {
                break;
            }
        }

        if (bytes.Consumed + length > LargestPacket)
        {
            throw new MqttWireException(HubEvent.ClosedPacketTooLarge, $"a packet has {bytes.Consumed + length} bytes, at most {LargestPacket} are taken");
        }

        if (bytes.Remaining < length)
        {
            return false;
        }

        var body = bytes.UnreadSequence.Slice(0, length).ToArray();
        buffer = buffer.Slice(bytes.Consumed + length);
        packet = Decode(header, body, (int)bytes.Consumed + length);
        return true;
    }

    private MqttPacket Decode(byte header, byte[] body, int size)
    {
        // body of CONNECT: length and name of the protocol, then its version
        if (header >> 4 == ConnectType && body is [_, var nameLength, ..] && body.Length > 2 + nameLength && body[2 + nameLength] != Version311)
        {
            throw new MqttWireException(HubEvent.RefusedProtocolVersion, $"CONNECT asks for protocol level {body[2 + nameLength]}, only MQTT 3.1.1 (4) is spoken");
        }

        try
        {
            return decoder.Decode(new ReceivedMqttPacket(header, new ArraySegment<byte>(body), size))!;
        }
        catch (Exception e) when (e is MqttProtocolViolationException or ArgumentException or IndexOutOfRangeException or InvalidOperationException or NotSupportedException)
        {
            throw new MqttWireException(HubEvent.ClosedMalformed, $"a packet cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Something on the wire for which a server closes the connection.</summary>
internal sealed class MqttWireException(HubEvent happened, string message, Exception? inner = null) : Exception(message, inner)
{
    public HubEvent Happened { get; } = happened;
}
