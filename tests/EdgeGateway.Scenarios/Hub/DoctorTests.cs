using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>What <c>doctor</c> finds at a module of IoT Edge, whose sources and broker the twin brought.</summary>
public class DoctorTests
{
    [Fact]
    public async Task The_doctor_goes_by_the_settings_that_the_twin_brought()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch(site.Desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
            Assert.Equal(0, await gateway.StopAsync());
        }

        var (code, said) = await DoctorAsync(site);
        Assert.True(code == 0, said);
        Assert.Contains($"broker       127.0.0.1:{broker.Port} lets this gateway in", said, StringComparison.Ordinal);
        Assert.Contains($"hub          localhost:{site.Stand.MqttPort} answers, as edge-1/{HubSite.Module}", said, StringComparison.Ordinal);
        broker.Kill();
        (code, said) = await DoctorAsync(site);
        Assert.Equal(3, code);
        Assert.Contains($"! The broker 127.0.0.1:{broker.Port} cannot be used: Connection refused", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> DoctorAsync(HubSite site)
    {
        using var asked = GatewayProcess.Start(site.PathOf("."), site.Stand.ModuleEnvironment(HubSite.Module), "doctor", "--config", site.PathOf("site.json"), "--data", site.PathOf("data"));
        return (await asked.ExitAsync(), asked.Output);
    }
}
