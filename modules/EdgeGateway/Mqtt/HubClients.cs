using EdgeGateway.Hub;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Mqtt;

/// <summary>The hub client that is built in. A build with <c>-p:HubClient=AzureSdk</c> has another class of this name and form in its place (docs/azure-sdk.md).</summary>
internal static class HubClients
{
    /// <summary>Makes the client; nothing is connected yet.</summary>
    /// <param name="clockIsSet">Whether our clock shows a possible time.</param>
    public static IHubClient Create(HubAccess access, Func<bool> clockIsSet, TimeProvider clock, Random jitter, Accounting accounting, ILoggerFactory loggers) =>
        new MqttHubClient(access, clockIsSet, clock, jitter, accounting, loggers.CreateLogger<MqttHubClient>());
}
