using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Storage;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>The operator page of the demo, in a real browser: the way of a newcomer from an alert to training data.</summary>
public sealed partial class DemoTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-demo-test-");

    [Fact]
    public async Task An_alert_of_the_demo_is_opened_explained_acknowledged_and_judged_on_its_page_and_lands_in_the_export()
    {
        using var demo = GatewayProcess.Start(folder.FullName, "demo", "--for", "300s", "--speed", "20", "--seed", "1");
        await demo.SaysAsync("Its data, for export and report: ");
        using var subscriber = new Subscriber(int.Parse(MqttPort().Match(demo.Output).Groups[1].ValueSpan, null), "demo");
        await using var browser = await OperatorBrowser.OpenAsync(PageAddress().Match(demo.Output).Value);
        var page = browser.Page;
        await page.Locator(".alert-row").First.ClickAsync();
        await browser.ShowsAsync("The model found this window unusual");
        Assert.NotEmpty(await page.GetByLabel("Prompt").InnerTextAsync());
        await page.GetByLabel("Your name").FillAsync("Ada");
        await browser.Button("Acknowledge").ClickAsync();
        await browser.ShowsAsync("Acknowledged.");
        await browser.Button("True").ClickAsync();
        await browser.ShowsAsync("Ada says it was right");

        var alert = AlertOf().Match(page.Url).Groups[1].Value;
        await Eventually.HoldsAsync(
            () => subscriber.Newest($"edgegateway/demo/alerts/{alert}")?.Contains("\"acknowledged\":true", StringComparison.Ordinal) == true,
            () => $"the state at the demo's broker says that {alert} is acknowledged, but it was:\n{string.Join('\n', subscriber.Messages)}");
        var data = DataFolder().Match(demo.Output).Groups[1].Value;
        await Eventually.HoldsAsync(() => RecordingFolder.Read(data).Any(r => r?.Alerts.Any(a => a.AlertId == alert) == true), () => $"the samples around {alert} are kept; the demo said:\n{demo.Output}", TimeSpan.FromMinutes(3));
        using var export = GatewayProcess.Start(folder.FullName, "export", "exported", "--data", data, "--names");
        Assert.True(await export.ExitAsync() == 0, export.Output);
        var labels = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "exported", "labels.json"), TestContext.Current.CancellationToken))!.AsObject();
        var feedback = Assert.Single(labels.SelectMany(file => file.Value!["feedback"]!.AsArray()));
        Assert.Equal((alert, "true", "Ada"), ((string?)feedback!["alertId"], (string?)feedback["verdict"], (string?)feedback["by"]));
        Assert.Empty(browser.Wrongs);
        Assert.Equal(0, await demo.StopAsync());
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    [GeneratedRegex(@"http://\S+#token=\S+")]
    private static partial Regex PageAddress();

    [GeneratedRegex(@"mosquitto_sub -i me -h 127\.0\.0\.1 -p (\d+)")]
    private static partial Regex MqttPort();

    [GeneratedRegex(@"for export and report: (\S+)")]
    private static partial Regex DataFolder();

    [GeneratedRegex("#/alert/(.+)$")]
    private static partial Regex AlertOf();
}
