using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Page;

/// <summary>What the operator page proves itself with.</summary>
public class CertificateTests
{
    [Fact]
    public async Task A_module_of_IoT_Edge_shows_a_certificate_of_the_runtime_that_who_trusts_the_device_CA_takes_for_the_name_of_the_gateway_alone()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        var port = MosquittoBroker.FreePort();
        var desired = site.Desired;
        desired["operations"] = new JsonObject { ["page"] = port };
        site.Patch(desired);
        using var gateway = site.Run();
        await gateway.SaysAsync("The operator page is served at https://");
        Assert.Equal(SslPolicyErrors.None, await ErrorsAsync(port, "localhost", site.Stand.CaFile));
        Assert.Equal(SslPolicyErrors.RemoteCertificateNameMismatch, await ErrorsAsync(port, "plant.example", site.Stand.CaFile));
        Assert.False(File.Exists(site.PathOf("data/page/certificate.pem")));
        Assert.Equal(0, await gateway.StopAsync());
    }

    /// <summary>What is wrong with the certificate in the eyes of a client that trusts this CA and no other.</summary>
    private static async Task<SslPolicyErrors> ErrorsAsync(int port, string name, string caFile)
    {
        var found = SslPolicyErrors.None;
        var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trusted.CustomTrustStore.ImportFromPemFile(caFile);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, errors) =>
        {
            found = errors;
            return errors == SslPolicyErrors.None;
        });
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = trusted }, TestContext.Current.CancellationToken);
        }
        catch (AuthenticationException)
        {
            // the answer is what was found
        }

        return found;
    }
}
