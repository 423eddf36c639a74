using System.Net;
using System.Net.Sockets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeGateway.Mqtt;

/// <summary>A broker in this process on a free loopback port, for the demo.</summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private const int LongestBacklog = 100_000;
    private readonly MqttServer server;
    private readonly TaskCompletionSource subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EmbeddedBroker(MqttServer server, int port) => (this.server, Port) = (server, port);

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts a broker; <see cref="Subscribed"/> completes when this client has subscribed to something.</summary>
    public static async Task<EmbeddedBroker> StartAsync(string awaitedClientId)
    {
        var port = FreePort();
        var factory = new MqttServerFactory();
        var options = factory.CreateServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port)
            .WithPersistentSessions(true).WithMaxPendingMessagesPerClient(LongestBacklog)
            .Build();
        var broker = new EmbeddedBroker(factory.CreateMqttServer(options), port);
        broker.server.ClientSubscribedTopicAsync += args =>
        {
            if (args.ClientId == awaitedClientId)
            {
                broker.subscribed.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await broker.server.StartAsync();
        return broker;
    }

    /// <summary>Completes when the awaited client has subscribed.</summary>
    public Task Subscribed => subscribed.Task;

    /// <summary>Calls for every message under a topic, in order.</summary>
    public void Listen(string topic, Action<ReadOnlyMemory<byte>> message) => server.InterceptingPublishAsync += args =>
    {
        if (args.ApplicationMessage.Topic == topic)
        {
            message(System.Buffers.BuffersExtensions.ToArray(args.ApplicationMessage.Payload));
        }

        return Task.CompletedTask;
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await server.StopAsync(new MqttServerStopOptions());
        server.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
