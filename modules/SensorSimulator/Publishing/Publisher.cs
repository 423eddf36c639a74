using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace SensorSimulator.Publishing;

/// <summary>Where and how to publish.</summary>
/// <param name="Qos">0 or 1.</param>
/// <param name="Version311">Speak MQTT 3.1.1 instead of 5.</param>
/// <param name="PasswordFile">Its first line is the password of <paramref name="User"/>.</param>
/// <param name="CaFile">PEM file of the only trusted authority; with it the connection is TLS.</param>
public sealed record PublishTarget(string Host, int Port, int Qos = 1, bool Version311 = false, string? User = null, string? PasswordFile = null, string? CaFile = null);

/// <summary>A connection that publishes with a bounded number of unacknowledged messages in flight. One caller at a time.</summary>
public sealed class Publisher : IAsyncDisposable
{
    private const int MostInFlight = 200;
    private readonly SemaphoreSlim inFlight = new(MostInFlight, MostInFlight);
    private readonly IMqttClient client;
    private readonly MqttQualityOfServiceLevel qos;
    private volatile Exception? failure;

    private Publisher(IMqttClient client, MqttQualityOfServiceLevel qos) => (this.client, this.qos) = (client, qos);

    /// <summary>Messages handed over so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Payload bytes handed over so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Connects.</summary>
    /// <exception cref="BrokerException">No broker there, or it refused; the message is a sentence.</exception>
    public static async Task<Publisher> ConnectAsync(PublishTarget target, CancellationToken token)
    {
        var options = OptionsFor(target);
        var client = new MqttClientFactory().CreateMqttClient();
        MqttClientConnectResult result;
        try
        {
            result = await client.ConnectAsync(options, token);
        }
        catch (Exception e) when (!token.IsCancellationRequested)
        {
            client.Dispose();
            throw new BrokerException($"No connection to a broker at {target.Host}:{target.Port} ({e.GetBaseException().Message.TrimEnd('.')}): check that it runs, and --host, --port and --ca-file.", e);
        }

        if (result.ResultCode == MqttClientConnectResultCode.Success)
        {
            return new Publisher(client, target.Qos == 0 ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce);
        }

        client.Dispose();
        throw new BrokerException($"The broker at {target.Host}:{target.Port} refused the connection ({result.ResultCode}): check --user and --password-file.");
    }

    /// <summary>Publishes one message; returns when it is on its way and not too many are unacknowledged. The payload must not change afterwards.</summary>
    public async ValueTask PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (failure is { } broken)
        {
            throw broken;
        }

        var message = new MqttApplicationMessage { Topic = topic, PayloadSegment = default, QualityOfServiceLevel = qos, Payload = new(payload) };
        if (qos == MqttQualityOfServiceLevel.AtMostOnce)
        {
            await client.PublishAsync(message, CancellationToken.None);
        }
        else
        {
            await inFlight.WaitAsync(token);
            _ = AcknowledgedAsync(message);
        }

        (Messages, Bytes) = (Messages + 1, Bytes + payload.Length);
    }

    /// <summary>Waits until everything is acknowledged.</summary>
    public async Task FlushAsync(CancellationToken token)
    {
        for (var i = 0; i < MostInFlight; i++)
        {
            await inFlight.WaitAsync(token);
        }

        inFlight.Release(MostInFlight);
        if (failure is { } broken)
        {
            throw broken;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (client.IsConnected)
        {
            await client.DisconnectAsync();
        }

        client.Dispose();
        inFlight.Dispose();
    }

    private async Task AcknowledgedAsync(MqttApplicationMessage message)
    {
        try
        {
            var result = await client.PublishAsync(message, CancellationToken.None);
            failure ??= result.IsSuccess ? null : new BrokerException($"The broker refused a message on {message.Topic} ({result.ReasonCode}): check what the user may publish.");
        }
        catch (Exception e)
        {
            failure ??= e;
        }
        finally
        {
            inFlight.Release();
        }
    }

    private static MqttClientOptions OptionsFor(PublishTarget target)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(target.Host, target.Port)
            .WithProtocolVersion(target.Version311 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500)
            .WithoutPacketFragmentation();
        if (target.User is { } user)
        {
            builder.WithCredentials(user, target.PasswordFile is { } file ? File.ReadLines(file).FirstOrDefault("") : "");
        }

        if (target.CaFile is { } caFile)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(caFile);
            builder.WithTlsOptions(tls => tls.UseTls().WithTargetHost(target.Host).WithTrustChain(trusted).WithRevocationMode(X509RevocationMode.NoCheck));
        }

        var options = builder.Build();

        // MQTTnet's own choice resets the connection when it is closed: what the broker has not read by then would be lost
        ((MqttClientTcpOptions)options.ChannelOptions).LingerState = new LingerOption(false, 0);
        return options;
    }
}
