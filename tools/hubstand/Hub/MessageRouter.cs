using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>Telemetry on its way: read, measured and routed, or lost, as edgeHub does.</summary>
internal sealed class MessageRouter(HubContext hub, ClientTable clients, Upstream upstream)
{
    private static readonly string[] UnprefixedSystemNames = ["iothub-operation", "ack"];
    private long number;

    /// <summary>Takes a telemetry message.</summary>
    /// <param name="marks">Properties that the server adds.</param>
    public void Accept(HubTopic.Telemetry topic, byte[] body, IEnumerable<KeyValuePair<string, string?>> marks)
    {
        if (!PropertyBag.TryParse(topic.Bag, out var properties))
        {
            Lose(HubEvent.DroppedBagFormat, topic.Sender, $"the property bag {topic.Bag} cannot be read");
            return;
        }

        foreach (var (name, value) in marks)
        {
            properties[name] = value;
        }

        var sender = SenderOf(topic.Sender, properties);
        var system = properties.Where(p => p.Key.StartsWith("$.", StringComparison.Ordinal) || UnprefixedSystemNames.Contains(p.Key)).ToDictionary();
        var own = properties.Where(p => !system.ContainsKey(p.Key)).ToDictionary();
        var message = new TelemetryMessage(Interlocked.Increment(ref number), sender, system.GetValueOrDefault("$.on"), own, system, body, hub.Clock.GetUtcNow());
        Route(message, sender == topic.Sender || (hub.Identities.TryFind(sender, out _) && clients.Of(sender).Current is not null));
    }

    private void Route(TelemetryMessage message, bool senderKnown)
    {
        var routes = hub.Manifest?.Routes.Where(r => r.Takes(message)).ToList();
        if (routes is { Count: 0 })
        {
            Lose(HubEvent.DroppedNoRoute, message.Sender, $"no route takes output {message.Output ?? "(none)"}");
            return;
        }

        foreach (var route in routes?.Where(r => r.Module is not null).DistinctBy(r => (r.Module, r.Input)) ?? [])
        {
            clients.DeliverInput(new IdentityName(hub.Options.Device, route.Module), route.Input!, message);
            hub.Counters.Count(HubEvent.RoutedToInput);
        }

        if (routes is not null && routes.All(r => r.Module is not null))
        {
            return;
        }

        if (!senderKnown)
        {
            Lose(HubEvent.DroppedUnknownSender, message.Sender, "a property deviceId or moduleId gave it a sender that is not connected");
            return;
        }

        upstream.Add(message);
    }

    /// <summary>A property of that name overwrites what the topic says, and vanishes.</summary>
    private static IdentityName SenderOf(IdentityName sender, Dictionary<string, string?> properties)
    {
        properties.Remove("deviceId", out var device);
        properties.Remove("moduleId", out var module);
        return new IdentityName(device ?? sender.Device, module ?? sender.Module);
    }

    private void Lose(HubEvent happened, IdentityName sender, string reason)
    {
        hub.Counters.Count(happened);
        hub.Log($"{sender}: a message is acknowledged and dropped, {reason}");
    }
}
