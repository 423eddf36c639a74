using System.Collections.Concurrent;
using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>All identities that were ever connected or addressed.</summary>
internal sealed class ClientTable(HubContext hub)
{
    private readonly ConcurrentDictionary<IdentityName, Client> clients = new();

    public Client Of(IdentityName name) => clients.GetOrAdd(name, n => new Client(n));

    /// <summary>The open connections.</summary>
    public IEnumerable<Session> Sessions => clients.Values.Select(c => c.Current).OfType<Session>();

    /// <summary>Puts a message into the mailbox of a module; its topic always ends in a property segment, without which the C# client drops the connection.</summary>
    public void DeliverInput(IdentityName name, string input, TelemetryMessage message)
    {
        var system = message.SystemProperties.Where(p => p.Key != "$.on")
            .Append(new("$.cdid", message.Sender.Device)).Concat(message.Sender.Module is { } module ? [new("$.cmid", module)] : []);
        Of(name).Mailbox.Add(new Delivery($"{name.Resource}/inputs/{input}/{PropertyBag.Write(system.Concat(message.Properties))}", message.Body));
    }

    /// <summary>Puts a cloud-to-device message into the mailbox of a device.</summary>
    public void DeliverToDevice(IdentityName name, IEnumerable<KeyValuePair<string, string?>> properties, ReadOnlyMemory<byte> body)
    {
        var to = KeyValuePair.Create<string, string?>("$.to", $"/{name.Resource}/messages/devicebound");
        Of(name).Mailbox.Add(new Delivery($"{name.Resource}/messages/devicebound/{PropertyBag.Write(properties.Prepend(to))}", body));
    }

    /// <summary>Cuts the connections whose token has ended, skew included.</summary>
    public void CutExpired()
    {
        foreach (var session in Sessions.Where(s => s.Token?.HasExpired(hub.Clock.GetUtcNow(), hub.Options.ClockSkew) == true))
        {
            session.Close(HubEvent.ClosedTokenExpired, $"its token ended at {DateTimeOffset.FromUnixTimeSeconds(session.Token!.Expiry):u}");
        }
    }

    /// <summary>Drops every connection.</summary>
    public void DropAll()
    {
        foreach (var session in Sessions)
        {
            session.Drop();
        }
    }
}
