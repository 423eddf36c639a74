using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Page;

/// <summary>How an operator comes to the page, and how it is switched on and off.</summary>
public class PageSwitchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_doctor_shows_both_tokens_and_the_fingerprint_of_the_very_certificate_that_is_shown_to_browsers()
    {
        using var site = await PageSite.StartedAsync();
        using var doctor = GatewayProcess.Start(Path.GetDirectoryName(site.Site.Configuration)!, "doctor", "--data", site.Site.Data);
        await doctor.ExitAsync();
        Assert.All(site.Tokens.Values, token => Assert.Contains(token, doctor.Output, StringComparison.Ordinal));
        await using var shown = await site.ConnectAsync();
        var fingerprint = Convert.ToHexString(shown.RemoteCertificate!.GetCertHash(HashAlgorithmName.SHA256));
        Assert.Contains(fingerprint, doctor.Output.Replace(":", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(site.Tokens["view"], site.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_twin_switches_the_page_on_moves_it_and_switches_it_off_while_the_stages_run_on()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        var (first, second) = (MosquittoBroker.FreePort(), MosquittoBroker.FreePort());
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await site.InForceAsync(site.Patch(Operations(first)), gateway);
        Assert.True(await IsServedAsync(first));
        await site.InForceAsync(site.Patch(Operations(second)), gateway);
        Assert.Equal((false, true), (await IsServedAsync(first), await IsServedAsync(second)));
        await site.InForceAsync(site.Patch(Operations(0)), gateway);
        Assert.Equal((false, false), (await IsServedAsync(first), await IsServedAsync(second)));
        await site.InForceAsync(site.Patch(Operations(first)), gateway);
        Assert.True(await IsServedAsync(first));
        Assert.Single(gateway.Output.Split("Went on with").Skip(1));
        Assert.Equal(0, await gateway.StopAsync());
    }

    private static JsonObject Operations(int page) => new() { ["operations"] = new JsonObject { ["page"] = page } };

    private static async Task<bool> IsServedAsync(int port)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } };
        using var client = new HttpClient(handler);
        try
        {
            using var answer = await client.GetAsync(new Uri($"https://127.0.0.1:{port}/"), Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
