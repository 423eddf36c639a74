using MQTTnet;
using MQTTnet.Exceptions;

namespace EdgeGateway.Mqtt;

/// <summary>An MQTTnet client for one attempt to connect, and how its connection ended.</summary>
internal sealed class MqttLink : IDisposable
{
    private readonly BoundedReading reading;
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? dropped;
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="mostWaiting">Messages that may wait to be taken; beyond, the socket is not read.</param>
    /// <param name="received">Takes the messages, one after the other; null when nothing is subscribed.</param>
    public MqttLink(int mostWaiting, Func<MqttApplicationMessageReceivedEventArgs, Task>? received)
    {
        reading = new BoundedReading(mostWaiting);
        Client = new MqttClientFactory().CreateMqttClient(reading);
        Client.DisconnectedAsync += End;
        if (received is not null)
        {
            Client.ApplicationMessageReceivedAsync += args => TakeAsync(args, received);
        }
    }

    /// <summary>Whether we ended it ourselves.</summary>
    public bool IsDropped => dropped is not null;

    /// <summary>Whether we ended it to make another at once.</summary>
    public bool IsRenewed { get; private set; }

    /// <summary>Whether the other side keeps retained messages; MQTT 3.1.1 does not say.</summary>
    public bool KeepsRetained { get; private set; } = true;

    /// <summary>MQTTnet's client.</summary>
    public IMqttClient Client { get; }

    /// <summary>Completes with a reason when the connection is gone and no message of it is being taken any more; fails when a message could not be taken.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>Connects; messages wait until <see cref="Begin"/>.</summary>
    /// <param name="peer">The other side, for a sentence.</param>
    /// <returns>Whether it kept our session.</returns>
    /// <exception cref="MqttCommunicationException">It cannot be reached or refuses us.</exception>
    public async Task<bool> ConnectAsync(MqttClientOptions options, string peer, CancellationToken token)
    {
        var result = await Client.ConnectAsync(options, token);
        KeepsRetained = result.RetainAvailable;
        return result.ResultCode == MqttClientConnectResultCode.Success ? result.IsSessionPresent : throw new MqttRefusedException(peer, result.ResultCode);
    }

    /// <summary>Lets the messages come.</summary>
    public void Begin() => begun.TrySetResult();

    /// <summary>Says why the connection is about to be ended by us.</summary>
    public void Drop(string reason, bool renew)
    {
        if (dropped is null)
        {
            (IsRenewed, dropped) = (renew, reason);
        }
    }

    /// <summary>Ends the run with a fault.</summary>
    public void Fail(Exception fault) => ended.TrySetException(fault);

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        reading.Dispose();
    }

    private Task End(MqttClientDisconnectedEventArgs args)
    {
        ended.TrySetResult(
            dropped
            ?? args.Exception?.Message
            ?? (args.Reason == MqttClientDisconnectReason.SessionTakenOver ? "another client connected under the same client id; stop it, or give one of the two another name"
                : args.ReasonString is { Length: > 0 } said ? said
                : "the other side closed the connection"));
        return Task.CompletedTask;
    }

    /// <summary>MQTTnet would only log what a handler throws; a message that cannot be taken is a fault of ours and ends the run.</summary>
    private async Task TakeAsync(MqttApplicationMessageReceivedEventArgs args, Func<MqttApplicationMessageReceivedEventArgs, Task> received)
    {
        if (ended.Task.IsFaulted)
        {
            // behind a message that was not taken none may be acknowledged
            args.AutoAcknowledge = false;
            return;
        }

        try
        {
            await begun.Task;
            await received(args);
            reading.Taken();
        }
        catch (Exception e)
        {
            args.AutoAcknowledge = false;
            ended.TrySetException(e);
        }
    }
}
