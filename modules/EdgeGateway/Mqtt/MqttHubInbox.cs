using System.Buffers;
using System.Threading.Channels;
using EdgeGateway.Hub;
using EdgeGateway.Stages;
using MQTTnet;

namespace EdgeGateway.Mqtt;

/// <summary>
/// Sorts what comes from the hub. Nothing here waits, so that an answer about the twin is never behind a slow input; what cannot be read is counted and ignored.
/// </summary>
/// <param name="flooded">Told when so much came that only a new connection makes it whole.</param>
internal sealed class MqttHubInbox(HubIdentity identity, HubHandlers handlers, TwinRequests twin, TimeProvider clock, Accounting accounting, Action<string> flooded)
{
    /// <summary>edgeHub sends one at a time and waits for its acknowledgement.</summary>
    private const int MostInputs = 16;
    private readonly HubTopics topics = new(identity);
    private readonly Channel<(MqttApplicationMessageReceivedEventArgs Args, InputMessage Message)> inputs =
        Channel.CreateBounded<(MqttApplicationMessageReceivedEventArgs, InputMessage)>(new BoundedChannelOptions(MostInputs) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Changes of the desired properties.</summary>
    public DesiredPatches Desired { get; } = new(handlers.DesiredChanged);

    /// <summary>Takes one message; one after the other.</summary>
    /// <param name="method">Takes a direct method: name, request id, payload.</param>
    public Task TakeAsync(MqttApplicationMessageReceivedEventArgs args, Action<string, string, ReadOnlyMemory<byte>> method)
    {
        // the buffer is MQTTnet's and used again after this call
        var (topic, payload) = (args.ApplicationMessage.Topic, args.ApplicationMessage.Payload.ToArray());
        if (HubTopics.TryReadAnswer(topic, out var status, out var requestId))
        {
            twin.Answer(status, requestId, payload);
        }
        else if (HubTopics.IsDesired(topic))
        {
            TakeDesired(payload);
        }
        else if (HubTopics.TryReadMethod(topic, out var name, out requestId))
        {
            method(name, requestId, payload);
        }
        else if (topics.TryReadInput(topic, out var input, out var properties))
        {
            TakeInput(args, new InputMessage(input, payload, properties, clock.GetUtcNow()));
        }
        else
        {
            accounting.Of("hub.ignored", reason: "topic").Add();
        }

        return Task.CompletedTask;
    }

    /// <summary>Hands the inputs on, in order, and acknowledges each when it was taken.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        await foreach (var (args, message) in inputs.Reader.ReadAllAsync(token))
        {
            try
            {
                await handlers.Input(message, token);
                await args.AcknowledgeAsync(token);
            }
            catch (HubException)
            {
                // not taken, so not acknowledged: edgeHub sends it again
                accounting.Of("hub.ignored", reason: "input that was not taken in time").Add();
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
            {
                // the connection went away: it comes once more over the next
            }
        }
    }

    private void TakeDesired(byte[] payload)
    {
        if (!Desired.Take(payload))
        {
            flooded("more changes of the twin came than can wait while it is read");
        }
    }

    private void TakeInput(MqttApplicationMessageReceivedEventArgs args, InputMessage message)
    {
        args.AutoAcknowledge = false;
        if (!inputs.Writer.TryWrite((args, message)))
        {
            // not acknowledged: edgeHub sends it again
            accounting.Of("hub.ignored", reason: "input that came while too many waited").Add();
        }
    }
}
