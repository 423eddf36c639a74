using EdgeGateway.Hub;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;

namespace AzureSdkStubs;

/// <summary>Compiles only while the two classes that make the hub client, of which a build has one, take the same.</summary>
internal static class SameForm
{
    public static readonly Func<HubAccess, Func<bool>, TimeProvider, Random, Accounting, ILoggerFactory, IHubClient> Default = EdgeGateway.Mqtt.HubClients.Create;

    public static readonly Func<HubAccess, Func<bool>, TimeProvider, Random, Accounting, ILoggerFactory, IHubClient> Sdk = EdgeGateway.AzureSdk.HubClients.Create;
}
