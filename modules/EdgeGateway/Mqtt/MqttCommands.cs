using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// Commands over the local broker as MQTT 5 request and response (section 4.10): a request under <c>commands/{name}</c> is answered on its response topic, which must lie under
/// our own <c>replies/</c>, never retained. Off unless the settings allow commands by name. Requests are read at QoS 0, so that the broker keeps none for later.
/// </summary>
/// <param name="root">Topic of this gateway.</param>
/// <param name="allowed">Names that the settings allow; at least one.</param>
internal sealed class MqttCommands(string root, ImmutableArray<string> allowed, CommandDispatcher dispatcher, Accounting accounting)
{
    private const int MostWaiting = 8;
    private const int LongestTopic = 256;
    private const int LongestCorrelation = 1024;
    private readonly string prefix = $"{root}/commands/";
    private readonly string replies = $"{root}/replies/";
    private readonly Channel<Request> requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>One answer on its way.</summary>
    internal sealed record Reply(string Topic, byte[] Correlation, byte[] Payload);

    private sealed record Request(string Name, ReadOnlyMemory<byte> Payload, string ReplyTo, byte[] Correlation);

    /// <summary>Subscribes, on a connection that was just made.</summary>
    public Task SubscribeAsync(IMqttClient client, CancellationToken token) =>
        client.SubscribeAsync(new MqttTopicFilterBuilder().WithTopic(prefix + "+").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce).WithRetainHandling(MqttRetainHandling.DoNotSendOnSubscribe).Build(), token);

    /// <summary>Takes a request; what cannot be answered or is too much is counted and gone.</summary>
    public Task TakeAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        var message = args.ApplicationMessage;
        var refused =
            message.Retain ? "retained"
            : message.ResponseTopic is not { Length: > 0 and <= LongestTopic } replyTo || !replyTo.StartsWith(replies, StringComparison.Ordinal) || replyTo.AsSpan().IndexOfAny('+', '#') >= 0 ? "responseTopic"
            : message.CorrelationData is { Length: > LongestCorrelation } || message.Payload.Length > CommandDispatcher.LargestPayload ? "size"
            : requests.Writer.TryWrite(new Request(message.Topic[prefix.Length..], message.Payload.ToArray(), replyTo, message.CorrelationData ?? [])) ? null
            : "busy";
        if (refused is not null)
        {
            accounting.Of("commands.unanswered", reason: refused).Add();
        }

        return Task.CompletedTask;
    }

    /// <summary>Carries requests out, one after the other.</summary>
    public async Task RunAsync(Func<Reply, CancellationToken, Task> send, CancellationToken token)
    {
        await foreach (var request in requests.Reader.ReadAllAsync(token))
        {
            var answer = allowed.Contains(request.Name)
                ? await dispatcher.RunAsync(request.Name, request.Payload, isLocal: true, token)
                : CommandAnswer.Refused(403, "The settings do not allow this command over the local broker; name it in operations.commands.");
            var payload = new CommandAnswer(answer.Status, new JsonObject { ["status"] = answer.Status, ["payload"] = answer.Body });
            try
            {
                await send(new Reply(request.ReplyTo, request.Correlation, payload.ToBytes()), token);
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
            {
                // the connection went away and with it whoever waits
                accounting.Of("commands.unanswered", reason: "connection").Add();
            }
        }
    }
}
