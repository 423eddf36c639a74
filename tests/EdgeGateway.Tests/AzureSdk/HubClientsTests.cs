using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging.Abstractions;
using HubClients = EdgeGateway.AzureSdk.HubClients;

namespace EdgeGateway.Tests.AzureSdk;

/// <summary>What the client on Microsoft's SDK refuses before it begins. The SDK behind it is made of stubs here (tests/AzureSdkStubs).</summary>
public class HubClientsTests
{
    [Theory]
    [InlineData(HubTransport.Tcp, 8883)]
    [InlineData(HubTransport.WebSocket, 443)]
    internal void A_module_on_the_usual_port_gets_a_client(HubTransport transport, int port)
    {
        var client = Create(module: "m", transport, port);
        Assert.Equal(new HubIdentity("h.azure-devices.net", "d", "m"), client.Identity);
    }

    [Theory]
    [InlineData("m", 8884, "hub.port is 8884, and Microsoft's SDK connects to 8883 only; take hub.port out, or use the default client.")]
    [InlineData(null, 8883, "The identity is a device, and the client on Microsoft's SDK is for modules; add ModuleId to the connection string, or use the default client.")]
    public void What_the_SDK_cannot_do_is_refused_in_one_sentence(string? module, int port, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => Create(module, HubTransport.Tcp, port)).Message);

    private static IHubClient Create(string? module, HubTransport transport, int port)
    {
        var environment = new HubEnvironment(new HubIdentity("h.azure-devices.net", "d", module), "gateway", new HubCredential.SharedKey(new byte[32]), CaFile: null);
        var access = new HubAccess(environment, new HubSettings(transport, port, null, null, null), TimeProvider.System);
        return HubClients.Create(access, () => true, TimeProvider.System, new Random(1), new Accounting(), NullLoggerFactory.Instance);
    }
}
