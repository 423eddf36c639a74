using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>What the page looks like where it is hard: on a phone with the longest names, and in every colour.</summary>
public class LooksTests
{
    private static readonly string Asset = new('a', 127);
    private static readonly string Value = new('v', 128);

    [Fact]
    public async Task No_name_however_long_makes_a_view_wider_than_a_phone()
    {
        using var site = await PageSite.StartedAsync(settings => settings["sources"] = new JsonObject
        {
            ["long"] = new JsonObject { ["topic"] = "long/{thing}", ["asset"] = "{thing}", ["values"] = "*", ["time"] = "/ts", ["range"] = new JsonObject { [Value] = new JsonArray(0, 1) } },
        });
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        await browser.Page.SetViewportSizeAsync(360, 740);
        await browser.LogInAsync(site.Tokens["operate"]);
        await site.Site.PublishAsync($"long/{Asset}", Enumerable.Range(0, 500).Select(i => new JsonObject { ["ts"] = 1767250800 + i, [Value] = i == 499 ? 2 : i % 7 / 10.0 }.ToJsonString()));
        await browser.Page.Locator(".alert-row").ClickAsync();
        await browser.Heading($"{Asset}/{Value}: limit").WaitForAsync();
        await JudgeAsync(site, browser.Page.Url.Split('/')[^1]);
        await browser.Page.ReloadAsync();
        await browser.ShowsAsync("says it was right");
        await AssertFitsAsync(browser);
        await browser.Page.Locator("main a").First.ClickAsync();
        await browser.ShowsAsync("Statistics alone would have said");
        await AssertFitsAsync(browser);
        await browser.Page.Locator(".brand").ClickAsync();
        await browser.Page.Locator(".asset-row").ClickAsync();
        await browser.Page.Locator(".sensor-row").WaitForAsync();
        await AssertFitsAsync(browser);
        Assert.Empty(browser.Wrongs);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_colour_of_text_stands_out_from_what_is_behind_it(ColorScheme scheme)
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        Assert.Empty(await gateway.Page.EvaluateAsync<string[]>("""
            () => {
              const style = getComputedStyle(document.documentElement);
              const light = name => {
                const hex = style.getPropertyValue(`--${name}`).trim().slice(1).replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3');
                const [r, g, b] = hex.match(/../g).map(two => parseInt(two, 16) / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
              };
              const far = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
              const pairs = ['text', 'dim', 'link', 'well', 'anomalous', 'normal', 'budget', 'maintenance', 'warming'].flatMap(text => [[text, 'back'], [text, 'card']]);
              return [...pairs, ['button-text', 'button']].filter(([a, b]) => !(far(a, b) >= 4.5)).map(([a, b]) => `${a} on ${b}: ${far(a, b)}`);
            }
            """));
    }

    /// <summary>A long name and a long note.</summary>
    private static async Task JudgeAsync(PageSite site, string alert)
    {
        using var operate = await site.LoggedInAsync("operate");
        var feedback = new JsonObject { ["alertId"] = alert, ["verdict"] = "true", ["by"] = Value, ["note"] = Value };
        Assert.Equal(HttpStatusCode.OK, (await PageSite.PostAsync(operate, "/api/commands/feedback", feedback.ToJsonString())).Status);
    }

    private static async Task AssertFitsAsync(OperatorBrowser browser) => Assert.Equal(360, await browser.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
}
