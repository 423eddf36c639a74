using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Mqtt;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeGateway.Tests.Mqtt;

public sealed class MqttAlertSinkTests : IDisposable
{
    private const string Root = "edgegateway/north-3";
    private readonly TempFolder folder = new();
    private readonly Accounting accounting = new();
    private readonly GatewayStore store;

    public MqttAlertSinkTests() => store = GatewayStore.Open(folder.Path, TimeProvider.System);

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_broker_that_cuts_off_who_reads_back_what_he_wrote_gets_it_on_the_next_connection()
    {
        var online = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cut = 0;
        using var server = await ServerAsync(out var port, server =>
        {
            server.InterceptingSubscriptionAsync += args =>
            {
                (args.ProcessSubscription, args.CloseConnection) = (false, true);
                cut++;
                return Task.CompletedTask;
            };
            server.InterceptingPublishAsync += args =>
            {
                if (args.ApplicationMessage.Topic == $"{Root}/status" && args.ClientId.EndsWith("-out", StringComparison.Ordinal))
                {
                    online.TrySetResult();
                }

                return Task.CompletedTask;
            };
        });
        await RunAsync(port, _ => online.Task);

        // one SUBSCRIBE of two filters
        Assert.Equal(2, cut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_state_of_an_alert_that_somebody_else_overwrites_is_there_again(bool clears)
    {
        var transition = Some.Transition("a");
        store.RegisterSinks(["mqtt"]);
        store.Commit([transition with { Body = Body(), State = transition.State with { State = Body() } }]);
        var written = 0;
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = await ServerAsync(out var port, server => server.InterceptingPublishAsync += args =>
        {
            if (args.ApplicationMessage.Topic == $"{Root}/alerts/a" && args.ApplicationMessage.Payload.ToArray().AsSpan().SequenceEqual(Body()) && ++written == 2)
            {
                again.TrySetResult();
            }

            return Task.CompletedTask;
        });
        await RunAsync(port, async sink =>
        {
            var entry = store.NextPending("mqtt", 1)[0];
            await SendAsync(sink, entry);
            store.MarkDelivered("mqtt", entry.Entry);
            var strange = new MqttApplicationMessage { Topic = $"{Root}/alerts/a", Retain = true, Payload = new(clears ? [] : [1]), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
            await server.InjectApplicationMessage(new InjectedMqttApplicationMessage(strange) { SenderClientId = "stranger" }, TestContext.Current.CancellationToken);
            await again.Task;
        });
        Assert.Equal((1, 1), (accounting.Total("states.restored"), accounting.Of("states.restored", reason: clears ? "cleared" : "forged").Value));
    }

    /// <summary>Sends it once there is a connection.</summary>
    private static async Task SendAsync(MqttAlertSink sink, OutboxEntry entry)
    {
        while (true)
        {
            try
            {
                await sink.SendAsync(entry, TestContext.Current.CancellationToken);
                return;
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task RunAsync(int port, Func<MqttAlertSink, Task> test)
    {
        var settings = Any.Settings();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var sink = new MqttAlertSink(
            new DeliveryState(settings), settings.Broker! with { Host = "127.0.0.1", Port = port }, "test", () => JsonSerializer.SerializeToElement(1), commands: null, store, accounting, TimeProvider.System, new Random(1),
            NullLogger<MqttAlertSink>.Instance);
        var running = sink.RunAsync(stop.Token);
        await test(sink).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static Task<MqttServer> ServerAsync(out int port, Action<MqttServer> prepare)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port).Build());
        prepare(server);
        return StartAsync(server);
    }

    private static async Task<MqttServer> StartAsync(MqttServer server)
    {
        await server.StartAsync();
        return server;
    }

    private static byte[] Body() => Encoding.UTF8.GetBytes("""{"data":{"active":true}}""");
}
