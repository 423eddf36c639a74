using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Scenarios.Harness;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>The operator page in a real browser (docs/page.md): what an operator does there, by mouse, by keyboard and with a screen reader.</summary>
public class BrowserTests
{
    /// <summary>Rows that training needs of a recording: those behind row 400 count.</summary>
    private const int Readings = 500;

    [Fact]
    public async Task An_operator_sees_an_alert_asks_why_acknowledges_it_and_says_that_it_was_right()
    {
        using var site = await PageSite.StartedAsync();
        using var subscriber = await site.Site.SubscribeAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        var page = browser.Page;
        await browser.LogInAsync(site.Tokens["operate"]);
        await RaiseAsync(site);
        await Limit(browser).ClickAsync();
        await browser.Heading("end/v: limit").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "end/v" }).ClickAsync();
        await browser.ShowsAsync("Statistics alone would have said");
        Assert.NotEmpty(await page.GetByLabel("Prompt").InnerTextAsync());
        await page.GoBackAsync();
        await page.GetByLabel("Your name").FillAsync("Ada");
        await browser.Button("Acknowledge").ClickAsync();
        await browser.ShowsAsync("Acknowledged.");
        await page.GetByLabel("Note").FillAsync("<b>pump</b>");
        await browser.Button("True").ClickAsync();
        await browser.ShowsAsync("Ada says it was right: <b>pump</b>");
        var alert = await AcknowledgedAsync(site, subscriber);
        Assert.Empty(browser.Wrongs);

        Assert.Equal(0, await site.Gateway.StopAsync());
        var feedback = await ExportedFeedbackAsync(site.Site);
        Assert.Equal((alert, "true", "Ada", "<b>pump</b>"), ((string?)feedback["alertId"], (string?)feedback["verdict"], (string?)feedback["by"], (string?)feedback["note"]));
    }

    [Fact]
    public async Task The_alert_of_an_anomaly_says_why_its_window_was_judged_so_and_what_became_of_it_also_after_a_restart()
    {
        using var site = await PageSite.StartedAsync();
        using var subscriber = await site.Site.SubscribeAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        await browser.LogInAsync(site.Tokens["view"]);
        await site.Site.PublishAsync(Site.PlantMessages(seed: 1, seconds: 1800));
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Family == "anomaly"), () => $"an anomaly, but the gateway said:\n{site.Gateway.Output}");
        var alert = subscriber.Transitions().First(t => t.Family == "anomaly");
        await browser.Page.EvaluateAsync("id => { location.hash = `#/alert/${id}`; }", alert.AlertId);
        await browser.ShowsAsync("The model found this window unusual");
        var prompt = await browser.Page.GetByLabel("Prompt").InnerTextAsync();
        Assert.NotEmpty(prompt);
        Assert.Empty(await browser.FindingsAsync("alert of an anomaly"));

        Assert.Equal(0, await site.Gateway.StopAsync());
        using var again = site.Site.Run();
        await again.SaysAsync(Site.Connected);
        await browser.Page.ReloadAsync();
        await browser.ShowsAsync("The model found this window unusual");
        Assert.Equal(prompt, await browser.Page.GetByLabel("Prompt").InnerTextAsync());
        Assert.Contains("Raised", await browser.Page.Locator("main ol li").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(browser.Wrongs);
    }

    [Fact]
    public async Task Axe_finds_nothing_serious_on_any_view_in_light_and_dark_wide_and_on_a_phone()
    {
        using var site = await PageSite.StartedAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        var page = browser.Page;
        List<string> found = [.. await browser.FindingsAsync("login")];
        await page.GetByLabel("Token").FillAsync("wrong");
        await browser.Button("Log in").ClickAsync();
        await browser.ShowsAsync("A token of this gateway is needed");
        found.AddRange(await browser.FindingsAsync("login that was refused"));
        await browser.LogInAsync(site.Tokens["operate"]);
        await RaiseAsync(site);
        await Limit(browser).WaitForAsync();
        await page.Locator(".asset-row").ClickAsync();
        await page.Locator(".sensor-row").WaitForAsync();
        found.AddRange(await browser.FindingsAsync("overview"));
        await Limit(browser).ClickAsync();
        await browser.Heading("end/v: limit").WaitForAsync();
        found.AddRange(await browser.FindingsAsync("alert"));
        await page.GetByRole(AriaRole.Link, new() { Name = "end/v" }).ClickAsync();
        await browser.ShowsAsync("Statistics alone would have said");
        found.AddRange(await browser.FindingsAsync("sensor"));
        await page.EvaluateAsync("() => { location.hash = '#/sensor/nobody'; }");
        await browser.ShowsAsync("No window of this sensor has closed");
        found.AddRange(await browser.FindingsAsync("sensor that is not known"));
        await page.EvaluateAsync("() => { location.hash = '#/'; }");
        await Limit(browser).WaitForAsync();
        Assert.Equal(0, await site.Gateway.StopAsync());
        await browser.ShowsAsync("Not connected since");
        found.AddRange(await browser.FindingsAsync("overview without a connection"));
        Assert.Empty(found);
    }

    [Fact]
    public async Task Each_point_of_the_last_hours_is_read_and_explained_by_keyboard_and_by_a_click_on_the_chart()
    {
        using var site = await PageSite.StartedAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        var page = browser.Page;
        await browser.LogInAsync(site.Tokens["view"]);
        await RaiseAsync(site);
        await Limit(browser).WaitForAsync();
        await browser.EnterAsync(".asset-row");
        await browser.EnterAsync(".sensor-row");
        await browser.ShowsAsync("found the newest window");
        var point = page.GetByRole(AriaRole.Slider, new() { Name = "Point" });
        var newest = await point.GetAttributeAsync("aria-valuetext");
        await browser.TabToAsync("#point");
        await page.Keyboard.PressAsync("ArrowLeft");
        await browser.ShowsAsync("found the window until");
        var before = await point.GetAttributeAsync("aria-valuetext");
        Assert.NotEqual(newest, before);
        Assert.Matches(@"normal, 0\.\d .*0 to 0\.6, usual 0\.3 ± 0\.", before);
        Assert.Empty(await browser.FindingsAsync("sensor, a point of the past"));
        await page.Keyboard.PressAsync("Home");
        await browser.ShowsAsync("Nobody judged the window until");
        await browser.Button("Back to the newest").ClickAsync();
        await browser.ShowsAsync("found the newest window");
        Assert.Equal(newest, await point.GetAttributeAsync("aria-valuetext"));

        await page.Locator(".u-over").ClickAsync(new() { Position = new() { X = 10, Y = 50 } });
        await browser.ShowsAsync("Nobody judged the window until");
        await page.Locator(".u-over").ClickAsync(new() { Position = new() { X = 150, Y = 50 } });
        await Assertions.Expect(point).ToHaveValueAsync(new Regex("^[23][0-9]$"));
        Assert.Empty(browser.Wrongs);
    }

    [Fact]
    public async Task Every_action_on_an_alert_is_possible_by_keyboard_alone()
    {
        using var site = await PageSite.StartedAsync();
        using var subscriber = await site.Site.SubscribeAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        var keyboard = browser.Page.Keyboard;
        await browser.TabToAsync("#token");
        await keyboard.TypeAsync(site.Tokens["operate"]);
        await keyboard.PressAsync("Enter");
        await browser.Heading("Overview").WaitForAsync();
        await RaiseAsync(site);
        await Limit(browser).WaitForAsync();
        await browser.EnterAsync(".asset-row");
        await browser.EnterAsync(".sensor-row");
        await browser.ShowsAsync("Statistics alone would have said");
        await browser.EnterAsync("main li a");
        await browser.Heading("end/v: limit").WaitForAsync();
        await browser.TabToAsync("#by");
        await keyboard.TypeAsync("Ada");
        await ActAsync(browser, "Acknowledge", "Acknowledged.");
        await AcknowledgedAsync(site, subscriber);
        await browser.TabToAsync("#shelf");
        await keyboard.PressAsync("ArrowDown");
        await ActAsync(browser, "Shelve", "Shelved.");
        await browser.ShowsAsync("Shelved until");
        await ActAsync(browser, "Unshelve", "Unshelved.");
        await browser.TabToAsync("#note");
        await keyboard.TypeAsync("a truck");
        await ActAsync(browser, "False alarm", "Ada says it was a false alarm: a truck");
        await ActAsync(browser, "Out of service", "The asset is out of service.");
        await ActAsync(browser, "Back in service", "The asset is back in service.");
        await browser.EnterAsync("nav a", "Models");
        await browser.Heading("Models").WaitForAsync();
        await browser.EnterAsync("#logout");
        await browser.Heading("Log in").WaitForAsync();
        Assert.Empty(browser.Wrongs);
    }

    [Fact]
    public async Task A_page_whose_gateway_is_restarted_goes_on_showing_what_was_open_says_that_it_is_not_connected_and_resumes_by_itself()
    {
        using var site = await PageSite.StartedAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        await browser.LogInAsync(site.Tokens["view"]);
        await RaiseAsync(site);
        await Limit(browser).WaitForAsync();
        await browser.Page.Locator("#announce", new() { HasText = "New alert: end/v, limit." }).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await browser.Page.EvaluateAsync("() => { window.calm = []; new MutationObserver(() => { if ([...document.querySelectorAll('main p')].some(p => !p.hidden && p.textContent === 'No alert is open.')) { window.calm.push('calm'); } }).observe(document.querySelector('main'), { attributes: true, subtree: true }); }");
        Assert.Equal(0, await site.Gateway.StopAsync());
        await browser.ShowsAsync("Not connected since");
        Assert.True(await Limit(browser).IsVisibleAsync());
        using var again = site.Site.Run();
        await again.SaysAsync(Site.Connected);
        await browser.Page.Locator("#connection").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.True(await Limit(browser).IsVisibleAsync());
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("() => window.calm.length"));
        await site.Site.PublishAsync("end", [$$"""{"ts":{{1767250800 + Readings}},"v":0.5}"""]);
        await Limit(browser).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await browser.ShowsAsync("No alert is open.");
        Assert.Empty(browser.Wrongs);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    public async Task A_clock_of_the_browser_that_is_set_while_the_page_is_open_changes_no_age_and_breaks_no_connection(int days)
    {
        using var site = await PageSite.StartedAsync();
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        await browser.LogInAsync(site.Tokens["view"]);
        await browser.Page.EvaluateAsync("""
            days => {
              const real = Date, set = () => real.now() + (days * 86_400_000);
              window.Date = class extends real { constructor(...given) { given.length > 0 ? super(...given) : super(set()); } static now() { return set(); } };
            }
            """, days);
        await RaiseAsync(site);
        await Limit(browser).WaitForAsync();
        await Limit(browser).Locator(".age", new() { HasTextRegex = new Regex("^[0-9]+ s$") }).WaitForAsync();
        Assert.True(await browser.Page.Locator("#connection").IsHiddenAsync());
        await site.Site.PublishAsync("end", [$$"""{"ts":{{1767250800 + Readings}},"v":0.5}"""]);
        await browser.ShowsAsync("No alert is open.");
        Assert.Empty(browser.Wrongs);
    }

    /// <summary>A sensor that swings calmly and then leaves its range: one alert that stays.</summary>
    private static Task RaiseAsync(PageSite site) => site.Site.PublishAsync(
        "end", Enumerable.Range(0, Readings).Select(i => $$"""{"ts":{{1767250800 + i}},"v":{{(i == Readings - 1 ? 2 : i % 7 / 10.0).ToString(CultureInfo.InvariantCulture)}}}"""));

    /// <summary>The row of its alert.</summary>
    private static ILocator Limit(OperatorBrowser browser) => browser.Page.Locator(".alert-row", new() { HasText = "limit" });

    private static async Task ActAsync(OperatorBrowser browser, string button, string outcome)
    {
        await browser.EnterAsync("button", button);
        await browser.ShowsAsync(outcome);
    }

    /// <summary>Waits until the state of the only alert says that it is acknowledged, to who listens and to who subscribes later.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> AcknowledgedAsync(PageSite site, Subscriber subscriber)
    {
        var id = subscriber.Transitions()[0].AlertId;
        using var later = await site.Site.SubscribeAsync();
        foreach (var listener in new[] { subscriber, later })
        {
            await Eventually.HoldsAsync(
                () => listener.Newest($"edgegateway/{Site.Gateway}/alerts/{id}")?.Contains("\"acknowledged\":true", StringComparison.Ordinal) == true,
                () => $"the retained state says that it is acknowledged, but the gateway said:\n{site.Gateway.Output}");
        }

        return id;
    }

    private static async Task<JsonNode> ExportedFeedbackAsync(Site site)
    {
        using var export = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "export", site.PathOf("exported"), "--data", site.Data, "--names");
        Assert.True(await export.ExitAsync() == 0, export.Output);
        var labels = JsonNode.Parse(await File.ReadAllTextAsync(site.PathOf("exported/labels.json"), TestContext.Current.CancellationToken))!.AsObject();
        return Assert.Single(Assert.Single(labels).Value!["feedback"]!.AsArray())!;
    }
}
