using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Storage;

namespace EdgeGateway.Hub;

/// <summary>
/// The hub as alert sink: the same CloudEvents body as on the local broker, on the output <c>alerts</c>, under the message id <c>alertId.sequence</c> on every attempt. What
/// routes may look at stands in the properties too. The client is run by its owner.
/// </summary>
internal sealed class HubAlertSink(IHubClient client, HubBudget budget, TimeProvider clock) : IAlertSink
{
    /// <summary>Name of the module output; a route must start from it, or edgeHub drops what comes.</summary>
    public const string Output = "alerts";

    /// <inheritdoc/>
    public string Name => "hub";

    /// <inheritdoc/>
    public bool OnlyUrgent => budget.IsSpent;

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, clock, token);

    /// <inheritdoc/>
    public async Task SendAsync(OutboxEntry entry, CancellationToken token)
    {
        var message = new HubMessage($"{entry.AlertId}.{entry.Sequence}", Output, entry.Body, Properties(entry));
        if (!entry.Urgent)
        {
            budget.Use(message.Id, entry.Body.Length + message.Properties.Sum(p => p.Key.Length + p.Value.Length));
        }

        try
        {
            await client.SendAsync(message, token);
        }
        catch (HubException e) when (e.Fault is HubFault.TooLarge or HubFault.Refused)
        {
            throw new DeadLetterException(e.Message, e);
        }
    }

    private static KeyValuePair<string, string>[] Properties(OutboxEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        var data = body.RootElement.GetProperty("data");
        return
        [
            new("kind", data.GetProperty("kind").GetString()!),
            new("family", data.GetProperty("family").GetString()!),
            new("severity", data.GetProperty("severity").GetRawText()),
            new("transition", entry.Transition),
        ];
    }
}
