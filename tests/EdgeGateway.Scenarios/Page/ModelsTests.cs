using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Scenarios.Updates;
using EdgeGateway.Tests;
using EdgeGateway.Tests.Updates.Fetching;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>What judges, on the operator page in a real browser: a gateway whose models come from a blob store.</summary>
public sealed class ModelsTests(Workshop people, Azurite store) : IClassFixture<Workshop>, IClassFixture<Azurite>
{
    [Fact]
    public async Task An_operator_puts_back_the_model_that_judged_before()
    {
        await using var site = await UpdateSite.StartedAsync(people, store);
        var port = MosquittoBroker.FreePort();
        site.Hub.Patch(new JsonObject { ["operations"] = new JsonObject { ["page"] = port } });
        await site.Gateway.SaysAsync("The operator page is served at https://");
        await using var browser = await OperatorBrowser.OpenAsync(port);
        await browser.LogInAsync(PageSite.TokensIn(site.Hub.PathOf("data"))["operate"]);
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
        await browser.ShowsAsync("Trusted root");
        Assert.Equal(0, await browser.Button("Roll back").CountAsync());

        await site.GrantAsync(people);
        var model = Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor");
        var golden = Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings", "00.csv");
        site.AskForModel(await site.StoreAsync(await people.PackageAsync("phi-sensor", 2, model, golden: golden)));
        await site.ActiveAsync(release: 2, adapter: false);
        await browser.ShowsAsync("phi-sensor release 2");
        Assert.Empty(await browser.FindingsAsync("models"));

        await browser.EnterAsync("button", "Roll back");
        await browser.ShowsAsync("What judged before comes back.");
        Assert.Equal(["Put what this version came with in the place of the model?"], browser.Questions);
        await site.FedUntilAsync(() => site.Slot(adapter: false) is var slot && (string?)slot["state"] == "settled" && slot["active"] is JsonValue, "the model of the image judges again");
        await Fact(browser, "Active", "what this version came with").WaitForAsync();
        await Fact(browser, "Before", "phi-sensor release 2").WaitForAsync();
        Assert.Empty(browser.Wrongs);
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    /// <summary>What the first card, that of the model, says behind a word.</summary>
    private static ILocator Fact(OperatorBrowser browser, string name, string text) => browser.Page.Locator(".cards .card").First.Locator($"dt:text-is('{name}') + dd", new() { HasText = text });
}
