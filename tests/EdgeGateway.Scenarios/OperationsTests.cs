using System.Net;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>What machines ask a gateway that runs (docs/operations.md).</summary>
public class OperationsTests
{
    [Fact]
    public async Task Metrics_and_health_are_served_on_a_port_of_their_own_and_health_is_a_command()
    {
        var port = MosquittoBroker.FreePort();
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["operations"] = new JsonObject { ["metrics"] = port });
        Assert.Equal((1, $"No gateway answers on port {port} of this machine: start it, or name the port of operations.metrics with --port."), await HealthAsync(site, port));
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":0.5}""", "rubbish"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.HoldsAsync(
            () => MetricsAsync(http).GetAwaiter().GetResult() is var text && text.Contains("edgegateway_readings_taken_total{source=\"end\",", StringComparison.Ordinal) && text.Contains("edgegateway_readings_rejected_total{source=\"end\",reason=\"malformed\",", StringComparison.Ordinal),
            "the readings are counted");
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync(http, "/healthz/ready"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(http, "/")).Status);
        using var post = new StringContent("x");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PostAsync(new Uri("/metrics", UriKind.Relative), post, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal((0, "live"), await HealthAsync(site, port));
        Assert.Contains("watchdog", Directory.GetDirectories($"/proc/{gateway.Id}/task").Select(thread => File.ReadAllText($"{thread}/comm").Trim()));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_and_the_gateway_judges_on()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["operations"] = new JsonObject { ["metrics"] = broker.Port });
        using var gateway = site.Run();
        await gateway.SaysAsync($"Neither metrics nor health are served: port {broker.Port} cannot be listened on");
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task The_doctor_says_whether_the_broker_lets_the_gateway_in_and_what_to_do_when_not()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        var (code, said) = await DoctorAsync(site);
        Assert.Equal((0, true), (code, said.Contains($"broker       127.0.0.1:{broker.Port} lets this gateway in", StringComparison.Ordinal)));
        broker.Kill();
        (code, said) = await DoctorAsync(site);
        Assert.Equal((3, true), (code, said.Contains($"! The broker 127.0.0.1:{broker.Port} cannot be used: Connection refused; look at the section broker of the settings", StringComparison.Ordinal)));
    }

    private static async Task<(int Code, string Said)> DoctorAsync(Site site)
    {
        using var asked = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "doctor", "--config", site.Configuration, "--data", site.Data);
        return (await asked.ExitAsync(), asked.Output);
    }

    private static async Task<(int Code, string Said)> HealthAsync(Site site, int port)
    {
        using var asked = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "health", "--port", $"{port}");
        var code = await asked.ExitAsync();
        return (code, asked.Output.Trim());
    }

    private static async Task<string> MetricsAsync(HttpClient http) => (await GetAsync(http, "/metrics")).Body;

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
