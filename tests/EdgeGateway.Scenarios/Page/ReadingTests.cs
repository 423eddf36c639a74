using System.Text.Json.Nodes;

namespace EdgeGateway.Scenarios.Page;

/// <summary>What the page does under the eyes of who reads it: nothing is taken from under a finger, and what is told is told.</summary>
public class ReadingTests
{
    private const string SensorPath = "/api/sensor";
    private static readonly DateTime Start = PlayedGateway.Start;

    [Fact]
    public async Task An_alert_that_is_raised_again_is_told_again_to_who_cannot_see()
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.TellAsync("alerts", new JsonArray());
        await gateway.TellAsync("alerts", new JsonArray(PlayedGateway.Alert("b", Start)));
        var first = await gateway.Page.Locator("#announce").TextContentAsync();
        Assert.StartsWith("New alert: a/v, limit.", first, StringComparison.Ordinal);
        await gateway.TellAsync("alerts", new JsonArray());
        await gateway.TellAsync("alerts", new JsonArray(PlayedGateway.Alert("b", Start.AddMinutes(1))));
        Assert.NotEqual(first, await gateway.Page.Locator("#announce").TextContentAsync());
    }

    [Fact]
    public async Task Of_more_alerts_than_are_told_of_it_is_said_how_many_are_open()
    {
        await using var gateway = await PlayedGateway.OpenAsync();
        await gateway.TellAsync("alerts", new JsonArray([.. Enumerable.Range(0, 500).Select(_ => PlayedGateway.Alert(Guid.NewGuid().ToString(), Start))]));
        await gateway.TellAsync("overview", PlayedGateway.Overview(openAlerts: 900));
        Assert.Equal("Open alerts (the most severe 500 of 900)", await gateway.Page.Locator("#alerts-heading").InnerTextAsync());
    }

    [Fact]
    public async Task The_asset_with_the_most_severe_alert_that_nobody_took_is_first()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", ("/api/sensors", 200, new JsonArray([.. "abc".Select(asset => PlayedGateway.Row($"{asset}", Start))])));
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.Page.Locator(".asset-row").First.WaitForAsync();
        var taken = PlayedGateway.Alert("d", Start, "a", 950);
        taken["acknowledged"] = true;
        await gateway.TellAsync("alerts", new JsonArray(taken, PlayedGateway.Alert("e", Start, "a", 300), PlayedGateway.Alert("f", Start, "b", 900)));
        Assert.Equal(["b", "a", "c"], await gateway.Page.Locator(".asset-row bdi").AllInnerTextsAsync());
    }

    [Fact]
    public async Task The_chart_names_the_alerts_of_the_time_that_it_shows_alone()
    {
        await using var gateway = await SensorAsync(Sensor(3, Ended(Start.AddHours(-3), Start.AddHours(-2)), PlayedGateway.Alert("b", Start)));
        Assert.Equal(["limit 100 %"], await gateway.Page.EvaluateAsync<string[]>("() => [...new Set(labels.filter(label => label.endsWith('%')))]"));
    }

    [Fact]
    public async Task A_link_keeps_the_focus_when_a_window_closes()
    {
        await using var gateway = await SensorAsync(Sensor(3, PlayedGateway.Alert("b", Start)));
        await gateway.Browser.TabToAsync("main li a");
        await CloseWindowAsync(gateway, Sensor(4, PlayedGateway.Alert("c", Start.AddSeconds(30)), PlayedGateway.Alert("b", Start)));
        await gateway.Browser.ShowsAsync("It read window 4.");
        Assert.Equal("#/alert/b", await FocusedAsync(gateway, "href"));
    }

    [Fact]
    public async Task Who_reads_why_is_shown_the_newest_window_when_he_leaves_and_one_that_is_chosen_at_once()
    {
        await using var gateway = await SensorAsync(Sensor(3));
        await gateway.Browser.TabToAsync("pre");
        await CloseWindowAsync(gateway, Sensor(4));
        await gateway.Browser.ShowsAsync("A newer window has closed");
        await gateway.Browser.ShowsAsync("It read window 3.");
        await gateway.Page.Locator("#point").FocusAsync();
        await gateway.Browser.ShowsAsync("It read window 4.");

        gateway.Answer("/api/why", 200, Why(1));
        await gateway.Page.Locator("pre").FocusAsync();
        await gateway.Page.EvaluateAsync("() => { const point = document.getElementById('point'); point.value = 0; point.dispatchEvent(new Event('input')); }");
        await gateway.Browser.ShowsAsync("It read window 1.");
        Assert.Equal("Prompt", await FocusedAsync(gateway, "aria-label"));
        Assert.Contains($"after={PlayedGateway.Milliseconds(Start)}&until={PlayedGateway.Milliseconds(EndOf(1))}", Assert.Single(gateway.Asked("/api/why")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sensor_that_is_not_known_is_asked_for_again_when_its_first_window_has_closed()
    {
        await using var gateway = await PlayedGateway.OpenAsync("#/sensor/a%2Fv", (SensorPath, 404, new JsonObject { ["error"] = "No window has closed." }), ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", null))));
        await gateway.Browser.ShowsAsync("No window has closed.");
        for (var i = 0; i < 5; i++)
        {
            await gateway.PassAsync(3);
            await gateway.TellAsync("overview", PlayedGateway.Overview());
        }

        Assert.Single(gateway.Asked(SensorPath));
        await CloseWindowAsync(gateway, Sensor(3));
        await gateway.Browser.ShowsAsync("It read window 3.");
        Assert.Equal(2, gateway.Asked(SensorPath).Count);
    }

    [Fact]
    public async Task A_sensor_without_a_window_shows_what_is_known_of_it_and_then_its_first_window()
    {
        var sensor = Sensor(0, PlayedGateway.Alert("b", Start));
        sensor["why"] = null;
        await using var gateway = await PlayedGateway.OpenAsync("#/sensor/a%2Fv", (SensorPath, 200, sensor), ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", null))));
        await gateway.Browser.ShowsAsync("No window of it has closed since the gateway was started.");
        Assert.Equal("#/alert/b", await gateway.Page.Locator("main li a").GetAttributeAsync("href"));
        Assert.True(await gateway.Page.Locator(".error").IsHiddenAsync());
        gateway.Answer("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", Start)));
        await CloseWindowAsync(gateway, Sensor(1));
        await gateway.Browser.ShowsAsync("It read window 1.");
    }

    [Fact]
    public async Task What_a_view_asked_for_that_was_left_draws_nothing()
    {
        await using var gateway = await PlayedGateway.OpenAsync("", (SensorPath, 200, Sensor(3)));
        await gateway.Page.EvaluateAsync("() => { window.drawn = 0; const make = document.createElement; document.createElement = function (tag, ...rest) { drawn += tag === 'canvas'; return make.call(this, tag, ...rest); }; }");
        var held = new TaskCompletionSource();
        gateway.Held = held.Task;
        await gateway.Page.RunAndWaitForRequestFinishedAsync(
            async () =>
            {
                await gateway.Page.RunAndWaitForRequestAsync(() => GoAsync(gateway, "#/sensor/a%2Fv"), request => request.Url.Contains(SensorPath, StringComparison.Ordinal));
                await GoAsync(gateway, "#/");
                await gateway.Browser.Heading("Overview").WaitForAsync();
                held.SetResult();
            },
            new() { Predicate = request => request.Url.Contains(SensorPath, StringComparison.Ordinal) });
        await gateway.PassAsync(1);
        Assert.Equal(0, await gateway.Page.EvaluateAsync<int>("() => drawn"));
    }

    private static async Task GoAsync(PlayedGateway gateway, string hash) => await gateway.Page.EvaluateAsync("hash => { location.hash = hash; }", hash);

    private static async Task<PlayedGateway> SensorAsync(JsonObject sensor)
    {
        var gateway = await PlayedGateway.OpenAsync("", (SensorPath, 200, sensor), ("/api/sensors", 200, new JsonArray(PlayedGateway.Row("a", Start))));
        await gateway.Page.EvaluateAsync("() => { window.labels = []; const fill = CanvasRenderingContext2D.prototype.fillText; CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { labels.push(text); fill.call(this, text, ...rest); }; location.hash = '#/sensor/a%2Fv'; }");
        await gateway.TellAsync("overview", PlayedGateway.Overview());
        await gateway.Browser.ShowsAsync("It read window 3.");
        return gateway;
    }

    private static async Task CloseWindowAsync(PlayedGateway gateway, JsonObject sensor)
    {
        gateway.Answer(SensorPath, 200, sensor);
        await gateway.PassAsync(3);
        await gateway.TellAsync("sensors", PlayedGateway.Window("a", Start.AddSeconds(50)));
    }

    /// <summary>A sensor with points ten seconds apart, the first ten seconds after the start.</summary>
    private static JsonObject Sensor(int points, params JsonObject[] alerts)
    {
        var sensor = JsonNode.Parse("""{ "id": "a/v", "asset": "a", "source": "s", "unit": "bar" }""")!.AsObject();
        sensor["points"] = new JsonArray([.. Enumerable.Range(1, points).Select(i => new JsonArray(PlayedGateway.Milliseconds(EndOf(i)), i, i, i, 2, 1, 0.1, 3))]);
        sensor["alerts"] = new JsonArray([.. alerts]);
        sensor["why"] = Why(points);
        return sensor;
    }

    private static JsonNode Why(int window) => JsonNode.Parse($$"""
        {
          "judge": "model", "score": 0.1, "threshold": 0.5, "gate": { "score": 0.1, "threshold": 0.5 }, "confidence": null, "anomalous": false, "fields": [], "prompt": "It read window {{window}}.",
          "model": "m", "window": { "start": "{{EndOf(window - 1):O}}", "end": "{{EndOf(window):O}}" }
        }
        """)!;

    private static DateTime EndOf(int window) => Start.AddSeconds(10 * window);

    private static JsonObject Ended(DateTime raised, DateTime ended)
    {
        var alert = PlayedGateway.Alert("old", raised);
        (alert["kind"], alert["active"], alert["ended"]) = ("drift", false, ended);
        return alert;
    }

    private static Task<string?> FocusedAsync(PlayedGateway gateway, string attribute) => gateway.Page.EvaluateAsync<string?>("name => document.activeElement.getAttribute(name)", attribute);
}
