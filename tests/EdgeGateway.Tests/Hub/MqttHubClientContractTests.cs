using EdgeGateway.Hub;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Hubstand;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Hub;

/// <summary>Our own client over TCP.</summary>
public sealed class MqttHubClientContractTests : HubClientContract
{
    internal override IHubClient New(IReadOnlyDictionary<string, string> variables, HubStand stand) => Hubs.Client(variables, stand);
}

/// <summary>Our own client over WebSocket.</summary>
public sealed class WebSocketHubClientContractTests : HubClientContract
{
    internal override IHubClient New(IReadOnlyDictionary<string, string> variables, HubStand stand) => Hubs.Client(variables, stand, transport: HubTransport.WebSocket);
}

/// <summary>Makes clients of ours for a stand-in.</summary>
internal static class Hubs
{
    public static MqttHubClient Client(
        IReadOnlyDictionary<string, string> variables, HubStand stand, TimeProvider? clock = null, HubTransport transport = HubTransport.Tcp, Accounting? accounting = null, TimeSpan? tokenLifetime = null,
        Func<bool>? clockIsSet = null, HubSettings? settings = null, Random? jitter = null)
    {
        settings ??= new HubSettings(transport, transport == HubTransport.Tcp ? stand.MqttPort : stand.WebSocketPort, null, null, null);
        var access = new HubAccess(HubEnvironment.Read(variables)!, settings, clock ?? TimeProvider.System) { TokenLifetime = tokenLifetime ?? TimeSpan.FromHours(1) };
        return new MqttHubClient(access, clockIsSet ?? (() => true), clock ?? TimeProvider.System, jitter ?? new NoJitter(), accounting ?? new Accounting(), NullLogger<MqttHubClient>.Instance);
    }

    /// <summary>Full jitter at its smallest: no wait at all.</summary>
    public sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
