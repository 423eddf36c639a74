using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hubstand;
using Hubstand.Identities;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeGateway.Tests.StandIn;

/// <summary>A plain MQTT client that says exactly what a test wants it to say.</summary>
internal sealed class HubClientProbe : IDisposable
{
    private readonly ConcurrentQueue<(string Topic, string Body)> received = new();
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubClientProbe(IMqttClient client)
    {
        Client = client;
        client.ApplicationMessageReceivedAsync += async e =>
        {
            e.AutoAcknowledge = false;
            received.Enqueue((e.ApplicationMessage.Topic, Encoding.UTF8.GetString(e.ApplicationMessage.Payload)));
            if (Acknowledges)
            {
                await e.AcknowledgeAsync(CancellationToken.None);
            }
        };
        client.DisconnectedAsync += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
    }

    public IMqttClient Client { get; }

    /// <summary>Whether what it receives is acknowledged.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>Ends when the connection does.</summary>
    public Task Closed => closed.Task;

    /// <summary>Topics and bodies so far.</summary>
    public IReadOnlyList<(string Topic, string Body)> Received => [.. received];

    /// <summary>Connects as the identity would; <paramref name="change"/> spoils it.</summary>
    public static async Task<(HubClientProbe Probe, MqttClientConnectResult Result)> TryConnectAsync(
        HubStand stand, IdentityName name, Action<MqttClientOptionsBuilder>? change = null, TimeSpan? life = null, X509Certificate2? certificate = null)
    {
        var tls = new MqttClientTlsOptionsBuilder().UseTls().WithTargetHost("localhost").WithTrustChain([X509CertificateLoader.LoadCertificate(Encoding.ASCII.GetBytes(stand.CaPem))])
            .WithRevocationMode(X509RevocationMode.NoCheck);
        if (certificate is not null)
        {
            tls.WithClientCertificates([certificate]);
        }

        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", stand.MqttPort).WithTlsOptions(tls.Build()).WithProtocolVersion(MqttProtocolVersion.V311)
            .WithClientId(name.ToString()).WithCleanSession().WithTimeout(TimeSpan.FromSeconds(30));
        var userName = $"{stand.Options.HubHost}/{name}/?api-version=2021-04-12";
        options.WithCredentials(userName, certificate is null ? stand.Token(name, stand.Options.Clock.GetUtcNow() + (life ?? TimeSpan.FromHours(1))) : null);
        change?.Invoke(options);
        var probe = new HubClientProbe(new MqttClientFactory().CreateMqttClient());
        return (probe, await probe.Client.ConnectAsync(options.Build(), TestContext.Current.CancellationToken));
    }

    /// <summary>Connects, and subscribes to all that a module may hear.</summary>
    public static async Task<HubClientProbe> ConnectAsync(HubStand stand, string module = "edgeGateway", TimeSpan? life = null, Action<MqttClientOptionsBuilder>? change = null)
    {
        var name = stand.NameOf(module);
        var (probe, result) = await TryConnectAsync(stand, name, change, life);
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        foreach (var filter in new[] { "$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#", "$iothub/methods/POST/#", name.Resource + "/#" })
        {
            await probe.Client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, TestContext.Current.CancellationToken);
        }

        return probe;
    }

    /// <summary>Publishes; with QoS 1 it returns after the PUBACK.</summary>
    public Task PublishAsync(string topic, string body = "{}", MqttQualityOfServiceLevel qos = MqttQualityOfServiceLevel.AtLeastOnce) =>
        Client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(body).WithQualityOfServiceLevel(qos).Build(), TestContext.Current.CancellationToken);

    /// <summary>The first message under a topic.</summary>
    public async Task<(string Topic, string Body)> ReceivesAsync(string topicStart, int number = 1)
    {
        await Soon.HoldsAsync(() => Received.Count(m => m.Topic.StartsWith(topicStart, StringComparison.Ordinal)) >= number, $"{number} message(s) under {topicStart}");
        return Received.Where(m => m.Topic.StartsWith(topicStart, StringComparison.Ordinal)).ElementAt(number - 1);
    }

    /// <summary>Asks for the twin and gives topic and body of the answer.</summary>
    public async Task<(string Topic, string Body)> GetTwinAsync(string requestId)
    {
        await PublishAsync($"$iothub/twin/GET/?$rid={requestId}", "", MqttQualityOfServiceLevel.AtMostOnce);
        return await AnswerAsync(requestId);
    }

    /// <summary>Reports and gives topic and body of the answer.</summary>
    public async Task<(string Topic, string Body)> ReportAsync(string requestId, string patch)
    {
        await PublishAsync($"$iothub/twin/PATCH/properties/reported/?$rid={requestId}", patch, MqttQualityOfServiceLevel.AtMostOnce);
        return await AnswerAsync(requestId);
    }

    /// <summary>The answer of this request id.</summary>
    public async Task<(string Topic, string Body)> AnswerAsync(string requestId)
    {
        await Soon.HoldsAsync(() => Received.Any(m => m.Topic.Contains($"$rid={requestId}", StringComparison.Ordinal)), "a twin answer");
        return Received.First(m => m.Topic.Contains($"$rid={requestId}", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}

/// <summary>Waits for what another thread brings about.</summary>
internal static class Soon
{
    /// <summary>Returns once it holds; fails after half a minute.</summary>
    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"Not within 30 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
