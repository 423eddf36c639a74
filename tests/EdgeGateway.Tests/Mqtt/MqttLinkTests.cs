using System.Net;
using System.Net.Sockets;
using EdgeGateway.Mqtt;
using MQTTnet;
using MQTTnet.Server;

namespace EdgeGateway.Tests.Mqtt;

public class MqttLinkTests
{
    private const int Messages = 20_000;

    [Fact]
    public async Task Messages_that_are_not_taken_wait_at_the_broker_and_not_in_memory()
    {
        using var broker = await BrokerAsync();
        var (taken, gate) = (0, new TaskCompletionSource());
        using var link = new MqttLink(10, async _ =>
        {
            taken++;
            await gate.Task;
        });
        await OpenAsync(link, broker.Port);
        await broker.SendAsync(Messages);
        await Until(async () => taken == 1 && await broker.IsAtRestAsync());
        Assert.True(await broker.PendingAsync() > Messages / 2);
        gate.SetResult();
        await Until(() => Task.FromResult(taken == Messages));
    }

    [Fact]
    public async Task A_message_that_cannot_be_taken_ends_the_link_with_the_fault()
    {
        using var broker = await BrokerAsync();
        using var link = new MqttLink(10, _ => throw new InvalidDataException("broken"));
        await OpenAsync(link, broker.Port);
        await broker.SendAsync(1);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => link.Ended)).Message);
    }

    [Fact]
    public async Task No_message_is_taken_before_the_link_begins()
    {
        using var broker = await BrokerAsync();
        var (taken, begun) = (new TaskCompletionSource<bool>(), false);
        using var link = new MqttLink(10, _ =>
        {
            taken.TrySetResult(begun);
            return Task.CompletedTask;
        });
        await OpenAsync(link, broker.Port, begin: false);
        await broker.SendAsync(1);
        begun = true;
        link.Begin();
        Assert.True(await taken.Task);
    }

    private static async Task OpenAsync(MqttLink link, int port, bool begin = true)
    {
        await link.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("reader").Build(), "broker", TestContext.Current.CancellationToken);
        await link.Client.SubscribeAsync("t", cancellationToken: TestContext.Current.CancellationToken);
        if (begin)
        {
            link.Begin();
        }
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<TestBroker> BrokerAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port)
            .WithMaxPendingMessagesPerClient(Messages).Build());
        await server.StartAsync();
        return new TestBroker(server, port);
    }

    private sealed record TestBroker(MqttServer Server, int Port) : IDisposable
    {
        public async Task SendAsync(int messages)
        {
            for (var i = 0; i < messages; i++)
            {
                await Server.InjectApplicationMessage(new InjectedMqttApplicationMessage(new MqttApplicationMessage { Topic = "t", Payload = new(new byte[1000]) }), TestContext.Current.CancellationToken);
            }
        }

        public async Task<long> PendingAsync() => (await Server.GetClientsAsync()).Sum(c => c.Session.PendingApplicationMessagesCount);

        /// <summary>Whether nothing moved for a while.</summary>
        public async Task<bool> IsAtRestAsync()
        {
            var before = await PendingAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
            return before == await PendingAsync();
        }

        public void Dispose() => Server.Dispose();
    }
}
