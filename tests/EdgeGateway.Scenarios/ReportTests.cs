using System.Text.Json;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>The report on a gateway's data folder, as an operator asks for it.</summary>
public class ReportTests
{
    [Fact]
    public async Task It_is_given_while_the_gateway_runs_and_knows_the_bytes_of_the_last_run()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        var now = TimeProvider.System.GetUtcNow();
        long received;
        using (var subscriber = await site.SubscribeAsync())
        {
            using var gateway = site.Run();
            await gateway.SaysAsync(Site.Connected);
            string[] readings = [$$"""{"ts":"{{now.AddSeconds(-2):O}}","v":2}""", $$"""{"ts":"{{now.AddSeconds(-1):O}}","v":0.5}"""];
            await site.PublishAsync("end", readings);
            await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 2, () => $"the alert is raised and cleared, but the gateway said:\n{gateway.Output}");
            Assert.Equal(0, await gateway.StopAsync());
            received = readings.Sum(r => r.Length);
        }

        using var again = site.Run();
        await again.SaysAsync(Site.Connected);
        using var report = JsonDocument.Parse(await RunAsync(site, 0, "--format", "json"));
        Assert.Equal((1, 0), (report.RootElement.GetProperty("raised").GetInt32(), report.RootElement.GetProperty("active").GetInt32()));
        var bytes = report.RootElement.GetProperty("bytes");
        Assert.Equal(received, bytes.GetProperty("received").GetInt64());
        Assert.InRange(bytes.GetProperty("delivered").GetProperty("mqtt").GetInt64(), 500, 8000);
        Assert.Contains("1 alerts raised, 0 active at the end.", await RunAsync(site, 0), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync(site, 0, "--format", "html", "--out", site.PathOf("report.html")));
        Assert.EndsWith("</body></html>\n", await File.ReadAllTextAsync(site.PathOf("report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await again.StopAsync());
    }

    [Theory]
    [InlineData("gateway.db cannot be read: there is no such file: name the folder", "--data", "nowhere")]
    [InlineData("--days takes a number from 1 to 30.", "--days", "31")]
    [InlineData("pdf", "--format", "pdf")]
    public async Task What_cannot_be_reported_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        using var site = new Site(1883);
        var said = await RunAsync(site, 2, arguments);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(site.PathOf("nowhere")));
    }

    private static async Task<string> RunAsync(Site site, int code, params string[] arguments)
    {
        using var process = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, ["report", .. arguments.Contains("--data") ? [] : new[] { "--data", site.Data }, .. arguments]);
        Assert.Equal(code, await process.ExitAsync());
        return process.Output.Trim('\n') + (process.Output.Trim('\n').Length > 0 ? "\n" : "");
    }
}
