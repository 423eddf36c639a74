using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.AzureSdk;

/// <summary>The hub client of a build with <c>-p:HubClient=AzureSdk</c>, in place of the default class of this name and form.</summary>
internal static class HubClients
{
    /// <summary>Makes the client on Microsoft's SDK, which neither counts nor logs; what it cannot do is refused here.</summary>
    /// <exception cref="FormatException">The SDK cannot be used for this identity or port: one sentence.</exception>
    public static IHubClient Create(HubAccess access, Func<bool> clockIsSet, TimeProvider clock, Random jitter, Accounting accounting, ILoggerFactory loggers)
    {
        if (access.Identity.Module is null)
        {
            throw new FormatException("The identity is a device, and the client on Microsoft's SDK is for modules; add ModuleId to the connection string, or use the default client.");
        }

        var port = access.Transport == HubTransport.WebSocket ? 443 : 8883;
        return access.Port == port
            ? new SdkHubClient(access, clock, jitter)
            : throw new FormatException($"hub.port is {access.Port}, and Microsoft's SDK connects to {port} only; take hub.port out, or use the default client.");
    }
}
