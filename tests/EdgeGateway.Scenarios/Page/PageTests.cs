using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Page;

/// <summary>The operator page of a gateway that runs (docs/page.md), and who must not get in.</summary>
public class PageTests
{
    private const int Gigabyte = 1 << 30;
    private const string InPieces = "Transfer-Encoding: chunked";

    [Fact]
    public async Task An_alert_is_seen_explained_and_acknowledged_by_who_may_operate_and_its_state_returns_over_MQTT()
    {
        using var site = await PageSite.StartedAsync();
        using var subscriber = await site.Site.SubscribeAsync();
        using var operate = await site.LoggedInAsync("operate");
        using var view = await site.LoggedInAsync("view");
        await site.Site.PublishAsync("end", [.. Enumerable.Range(0, 400).Select(i => $$"""{"ts":{{1767250800 + i}},"v":{{(i == 399 ? 2 : i % 7 / 10.0).ToString(System.Globalization.CultureInfo.InvariantCulture)}}}""")]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 1, () => $"the alert, but the gateway said:\n{site.Gateway.Output}");
        var id = subscriber.Transitions()[0].AlertId;
        var overview = (await PageSite.GetAsync(view, "/api/overview")).Body;
        Assert.Equal(("view", id, "end/v"), ((string?)overview["role"], (string?)overview["alerts"]![0]!["alertId"], (string?)overview["alerts"]![0]!["subject"]));
        var sensor = (await PageSite.GetAsync(view, "/api/sensor?id=end%2Fv")).Body;
        Assert.Equal(("model", 40), ((string?)sensor["why"]!["judge"], sensor["points"]!.AsArray().Count));
        var body = $$"""{"alertId":"{{id}}","by":"Ada"}""";
        Assert.Equal(HttpStatusCode.Forbidden, (await PageSite.PostAsync(view, "/api/commands/acknowledge", body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PageSite.PostAsync(operate, "/api/commands/acknowledge", body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PageSite.PostAsync(operate, "/api/commands/feedback", $$"""{"alertId":"{{id}}","by":"Ada","verdict":"true","note":"<b>pump</b>"}""")).Status);
        await Eventually.HoldsAsync(() => subscriber.Newest($"edgegateway/{Site.Gateway}/alerts/{id}")?.Contains("\"acknowledged\":true", StringComparison.Ordinal) == true, "the retained state says it");
        var alert = (await PageSite.GetAsync(view, $"/api/alert?id={id}")).Body;
        Assert.Equal((true, "<b>pump</b>"), ((bool)alert["alert"]!["data"]!["acknowledged"]!, (string?)alert["feedback"]![0]!["note"]));
        Assert.Equal([("raised", ""), ("acknowledged", "Ada")], alert["life"]!.AsArray().Select(s => ((string?)s!["transition"], (string?)s["by"])));
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    [Fact]
    public async Task Who_has_no_token_a_wrong_one_another_origin_or_a_foreign_name_gets_nothing()
    {
        using var site = await PageSite.StartedAsync();
        using var nobody = site.Client();
        using var operate = await site.LoggedInAsync("operate");
        Assert.Equal(HttpStatusCode.Unauthorized, (await PageSite.GetAsync(nobody, "/api/overview")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PageSite.GetAsync(nobody, "/api/events")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PageSite.GetAsync(nobody, "/api/overview", ("Cookie", $"edgegateway-{site.Port}=wrong"))).Status);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await PageSite.GetAsync(operate, "/api/overview", ("Host", "evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PageSite.PostAsync(operate, "/api/commands/ping", "{}", ("Origin", "https://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PageSite.PostAsync(operate, "/api/commands/ping", "{}", ("Sec-Fetch-Site", "cross-site"))).Status);
        using var plain = new StringContent("{}");
        Assert.Equal(HttpStatusCode.Forbidden, (await operate.PostAsync(new Uri("/api/commands/ping", UriKind.Relative), plain, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PageSite.PostAsync(operate, "/api/commands/ping", "{}", ("Origin", $"https://127.0.0.1:{site.Port}"))).Status);
        HttpStatusCode last = default;
        for (var i = 0; i < 12; i++)
        {
            last = (await PageSite.PostAsync(nobody, "/api/login", """{"token":"wrong"}""")).Status;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal(HttpStatusCode.OK, (await PageSite.GetAsync(operate, "/api/overview")).Status);
        await site.Gateway.SaysAsync("Somebody at 127.0.0.1 asked for the operator page with a wrong token");
        Assert.DoesNotContain(site.Tokens["operate"], site.Gateway.Output, StringComparison.Ordinal);
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    [Fact]
    public async Task After_a_restart_sensors_are_listed_before_their_first_window_and_one_with_an_alert_is_told_of()
    {
        using var site = await PageSite.StartedAsync();
        using var view = await site.LoggedInAsync("view");
        await site.Site.PublishAsync("plant/slow", ["""{"ts":1767250800,"v":1}"""]);
        await site.Site.PublishAsync("end", [.. Enumerable.Range(0, 12).Select(i => $$"""{"ts":{{1767250800 + i}},"v":2}""")]);
        await Eventually.HoldsAsync(() => Count(view, "/api/overview", body => body["alerts"]) == 1, () => $"the alert, but the gateway said:\n{site.Gateway.Output}");
        Assert.Equal(0, await site.Gateway.StopAsync());
        using var again = site.Site.Run();
        await again.SaysAsync("The operator page is served at https://");
        await Eventually.HoldsAsync(() => Count(view, "/api/sensors", body => body) == 2, "both sensors are listed");
        Assert.Equal(["end/v", "plant/slow/v"], (await PageSite.GetAsync(view, "/api/sensors")).Body.AsArray().Select(row => (string)row![0]!).Order());
        Assert.All((await PageSite.GetAsync(view, "/api/sensors")).Body.AsArray(), row => Assert.Null(row![1]));
        var sensor = (await PageSite.GetAsync(view, "/api/sensor?id=end%2Fv")).Body;
        Assert.Equal(("limit", 0, null), ((string?)sensor["alerts"]![0]!["kind"], sensor["points"]!.AsArray().Count, sensor["why"]));
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task A_body_of_a_gigabyte_is_refused_and_the_gateway_goes_on()
    {
        using var site = await PageSite.StartedAsync();
        using var operate = await site.LoggedInAsync("operate");
        var cookie = await site.CookieAsync("operate");
        foreach (var form in new[] { $"Content-Length: {Gigabyte}", InPieces })
        {
            Assert.StartsWith("HTTP/1.1 413 ", await AnswerToGigabyteAsync(site, "/api/login", cookie, form), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 413 ", await AnswerToGigabyteAsync(site, "/api/commands/ping", cookie, form), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await PageSite.GetAsync(operate, "/api/overview")).Status);
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    /// <summary>How many things a list of an answer has; none where the gateway does not answer.</summary>
    private static int Count(HttpClient client, string path, Func<JsonNode, JsonNode?> list)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        try
        {
            using var answer = client.Send(request, TestContext.Current.CancellationToken);
            using var body = answer.Content.ReadAsStream(TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode ? list(JsonNode.Parse(body)!)?.AsArray().Count ?? 0 : 0;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>The first line of the answer to who sends a gigabyte, announced as a whole or only in pieces. A bare connection: HttpClient would refuse by itself to send less than it announced.</summary>
    private static async Task<string?> AnswerToGigabyteAsync(PageSite site, string path, string cookie, string form)
    {
        await using var stream = await site.ConnectAsync();
        var head = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.Port}\r\nCookie: {cookie}\r\nX-EdgeGateway: 1\r\nContent-Type: application/json\r\n{form}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var answer = reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        try
        {
            var piece = Encoding.ASCII.GetBytes($"4000\r\n{new string(' ', 0x4000)}\r\n");
            for (var sent = 0; form == InPieces && sent < Gigabyte && !answer.IsCompleted; sent += 0x4000)
            {
                await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // it was answered before all of it was sent
        }

        return await answer;
    }
}
