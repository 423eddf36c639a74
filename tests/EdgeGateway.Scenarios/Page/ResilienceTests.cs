using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>The page while the gateway, the network or the plant is away, is slow, or answers something else than before.</summary>
public class ResilienceTests
{
    private static readonly DateTime Start = PlayedGateway.Start;

    [Theory]
    [InlineData(0, "50 s")]
    [InlineData(300, "40 s")] // event time is that of its newest window
    public async Task Ages_go_on_while_no_readings_come_be_it_from_a_plant_or_a_recording_of_another_year(int daysBehind, string first)
    {
        var newest = Start.AddDays(-daysBehind);
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", newest.AddSeconds(-10)))));
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.Page.Locator(".asset-row").WaitForAsync();
        await gateway.TellAsync("alerts", new JsonArray(PlayedGateway.Alert("b", newest.AddSeconds(-50))));
        Assert.Equal(first, await AgeAsync(gateway));
        await gateway.TellAsync("sensors", PlayedGateway.Window("a", newest));
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        Assert.Equal("50 s", await AgeAsync(gateway));
        await gateway.TellAsync("overview", PlayedGateway.Overview(TimeSpan.FromHours(2), isFlowing: false));
        Assert.Equal("2 h 0 min", await AgeAsync(gateway));
        Assert.Empty(gateway.Browser.Wrongs);
    }

    [Fact]
    public async Task A_page_that_is_opened_in_an_outage_shows_for_how_long_it_lasts()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", Start.AddHours(-2)))));
        await gateway.TellAsync("overview", PlayedGateway.Overview(isFlowing: false));
        await gateway.TellAsync("alerts", new JsonArray(PlayedGateway.Alert("b", Start.AddHours(-2))));
        await gateway.Page.Locator(".asset-row").WaitForAsync();
        await gateway.TellAsync("overview", PlayedGateway.Overview(isFlowing: false));
        Assert.Equal("2 h 0 min", await AgeAsync(gateway));
    }

    [Fact]
    public async Task An_alert_of_the_gateway_itself_is_as_old_as_its_clock_says_also_beside_a_recording_of_another_year()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", Start.AddDays(-300)))));
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.Page.Locator(".asset-row").WaitForAsync();
        var broker = PlayedGateway.Alert("b", Start.AddSeconds(-30));
        broker["family"] = "own";
        await gateway.TellAsync("alerts", new JsonArray(broker));
        Assert.Equal("30 s", await AgeAsync(gateway));
    }

    [Fact]
    public async Task Who_logs_out_without_a_connection_is_told_that_he_is_still_logged_in()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/logout", 200, new JsonObject()));
        gateway.IsReachable = false;
        await gateway.Browser.Button("Log out").ClickAsync();
        await gateway.Browser.ShowsAsync("You are still logged in");
        Assert.True(await gateway.Browser.Heading("Overview").IsVisibleAsync());
        gateway.IsReachable = true;
        await gateway.Browser.Button("Log out").ClickAsync();
        await gateway.Browser.Heading("Log in").WaitForAsync();
        Assert.True(await gateway.Page.GetByText("You are still logged in").IsHiddenAsync());
    }

    [Fact]
    public async Task A_page_that_is_refused_the_stream_of_events_says_so_in_peace_and_shows_what_it_asks_for()
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.Page.EvaluateAsync("() => { window.said = []; new MutationObserver(() => said.push(document.getElementById('connection').textContent)).observe(document.getElementById('connection'), { childList: true }); }");
        await gateway.EndStreamAsync(refused: true);
        for (var streams = 2; streams < 5; streams++)
        {
            await gateway.PassAsync(5);
            await gateway.StreamsAsync(streams);
        }

        await gateway.Browser.ShowsAsync("does not tell this page what happens; too many may be open");
        var overview = PlayedGateway.Overview();
        overview["alerts"] = new JsonArray(PlayedGateway.Alert("b", Start));
        gateway.Answer("/api/overview", 200, overview);
        await gateway.PassAsync(5);
        await gateway.Page.Locator(".alert-row").WaitForAsync();
        Assert.Equal(2, await gateway.Page.EvaluateAsync<int>("() => said.length"));
    }

    [Fact]
    public async Task A_page_asks_once_while_it_is_not_answered_and_who_logs_out_meanwhile_stays_logged_out()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/logout", 200, new JsonObject()));
        var (held, before) = (new TaskCompletionSource(), gateway.Asked("/api/overview").Count);
        gateway.Held = held.Task;
        await gateway.EndStreamAsync();
        await gateway.PassAsync(30);
        await gateway.Browser.ShowsAsync("Not connected since");
        gateway.Held = Task.CompletedTask;
        await gateway.Browser.Button("Log out").ClickAsync();
        await gateway.Browser.Heading("Log in").WaitForAsync();
        await gateway.Page.RunAndWaitForRequestFinishedAsync(() => Task.Run(held.SetResult), new() { Predicate = r => r.Url.EndsWith("/api/overview", StringComparison.Ordinal) });
        await gateway.PassAsync(30);
        Assert.Equal((before + 1, 1), (gateway.Asked("/api/overview").Count, await gateway.StreamCountAsync()));
        Assert.True(await gateway.Browser.Heading("Log in").IsVisibleAsync());
    }

    [Fact]
    public async Task A_question_that_the_network_swallowed_is_asked_again_after_a_minute()
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.Page.EvaluateAsync("() => { AbortSignal.timeout = wait => { const end = new AbortController(); setTimeout(() => end.abort(), wait); return end.signal; }; }"); // by the clock of the test
        var (held, before) = (new TaskCompletionSource(), gateway.Asked("/api/overview").Count);
        gateway.Held = held.Task;
        await gateway.EndStreamAsync();
        await gateway.PassAsync(50);
        Assert.Equal(before + 1, gateway.Asked("/api/overview").Count);
        gateway.Held = Task.CompletedTask;
        await gateway.PassAsync(20);
        await gateway.StreamsAsync(2);
        held.SetResult();
        Assert.Equal(before + 2, gateway.Asked("/api/overview").Count);
    }

    [Fact]
    public async Task A_slow_link_is_given_longer_each_time_that_a_large_event_did_not_come_through()
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.PassAsync(15);
        await gateway.StreamsAsync(2);
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.PassAsync(15);
        Assert.True(await Connection(gateway).IsHiddenAsync());
        await gateway.PassAsync(10);
        await gateway.StreamsAsync(3);
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.PassAsync(15);
        await gateway.StreamsAsync(4);
    }

    [Fact]
    public async Task Sensors_stay_in_sight_when_the_stages_are_started_anew_and_those_without_a_window_are_shown_as_learning()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", Start), PlayedGateway.Row("b", null))));
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await Asset(gateway, "normal", "a").WaitForAsync();
        await Asset(gateway, "learning", "b").WaitForAsync();
        gateway.Answer("/api/sensors", 200, new JsonArray(PlayedGateway.Row("b", Start)));
        await gateway.TellAsync("overview", PlayedGateway.Overview(since: "2026-01-01T08:00:00Z"));
        await Asset(gateway, "normal", "b").WaitForAsync();
        await Asset(gateway, "learning", "a").ClickAsync();
        Assert.Equal("– bar", await gateway.Page.Locator(".sensor-row .value").InnerTextAsync());
    }

    [Theory]
    [InlineData(401, "You were logged out")]
    [InlineData(429, "Too many wrong tokens came")]
    public async Task A_page_whose_token_is_no_longer_taken_says_why_it_asks_for_one(int status, string reason)
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        gateway.Answer("/api/overview", status, new JsonObject { ["error"] = "Too many wrong tokens came; wait a minute." });
        await gateway.EndStreamAsync();
        await gateway.PassAsync(5);
        await gateway.Browser.Heading("Log in").WaitForAsync();
        await gateway.Browser.ShowsAsync(reason);
    }

    [Fact]
    public async Task A_wrong_token_in_the_address_is_told()
    {
        await using var gateway = await PlayedGateway.OpenAsync("#token=wrong", ("/api/login", 401, new JsonObject { ["error"] = "A token of this gateway is needed." }));
        await gateway.Browser.Heading("Log in").WaitForAsync();
        await gateway.Browser.ShowsAsync("The token in the address was not taken. A token of this gateway is needed.");
        Assert.DoesNotContain("wrong", gateway.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_stay_in_sight_while_the_gateway_does_not_answer()
    {
        var models = JsonNode.Parse("""{"slots":{"model":{"state":"settled","active":"image"},"adapters":{},"root":0},"device":{"state":"none"}}""")!;
        await using var gateway = await PlayedGateway.OpenAsync("#/models", ("/api/models", 200, models));
        await gateway.Browser.ShowsAsync("Trusted root");
        gateway.IsReachable = false;
        await gateway.PassAsync(3);
        await gateway.Browser.ShowsAsync("The gateway cannot be reached.");
        Assert.True(await gateway.Page.GetByText("Trusted root").IsVisibleAsync());
        gateway.IsReachable = true;
        await gateway.PassAsync(3);
        await gateway.Page.GetByText("The gateway cannot be reached.").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.True(await gateway.Page.GetByText("Trusted root").IsVisibleAsync());
    }

    private static Task<string> AgeAsync(PlayedGateway gateway) => gateway.Page.Locator(".alert-row .age").InnerTextAsync();

    private static ILocator Connection(PlayedGateway gateway) => gateway.Page.Locator("#connection");

    private static ILocator Asset(PlayedGateway gateway, string state, string name) => gateway.Page.Locator(".asset-row", new() { Has = gateway.Page.Locator($"bdi:text-is('{name}')"), HasText = state });
}
