using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Replay;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Scenarios.Page;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios;

/// <summary>One id of a sensor, as bad as the gateway admits, goes through every output in turn. Refused are ids with control characters and longer ones; MQTT itself knows no + and # in a topic.</summary>
public partial class HostileIdTests
{
    /// <summary>The longest id that the gateway admits.</summary>
    private const int LongestId = 256;

    /// <summary>A level of the topic, and the asset: a spreadsheet takes it for a formula.</summary>
    private const string Asset = "=cmd|'C'!A0 \"<b onclick=alert(1)>";

    /// <summary>A key of the payload. \u202e turns the direction of what follows, \u2066 begins text of another, \u200b and the tag \U000e0041 are not seen, the last but the filling is one character of two code units.</summary>
    private static readonly string Value = "\u202egnp.exe" + """'><img src=https://evil.example/x onerror=alert(2)><script>alert(3)</script>\,;{{x}}${y}%s%n`$(reboot)`--""" + "\u2066\u200b\u2028\U000e0041\U0001d11e";

    /// <summary>A name of the settings, which is a label of metrics.</summary>
    private const string Source = "src\\\"<i>,}\u202e";

    private static readonly string Whole = Value.PadRight(LongestId - Asset.Length - 1, 'x');
    private static readonly string Id = $"{Asset}/{Whole}";

    /// <summary>What people see of it.</summary>
    private static readonly string Shown = string.Concat(Id.EnumerateRunes().Select(rune => IsUnseen(rune) ? string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}")) : rune.ToString()));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_nasty_id_harms_no_output()
    {
        Assert.Equal(LongestId, Id.Length);
        var metrics = MosquittoBroker.FreePort();
        using var site = await PageSite.StartedAsync(settings =>
        {
            settings["operations"]!["metrics"] = metrics;
            settings["operations"]!["logLevel"] = "verbose";
            settings["sources"] = new JsonObject { [Source] = new JsonObject { ["topic"] = "hostile/{thing}", ["asset"] = "{thing}", ["values"] = "*", ["time"] = "/ts", ["range"] = new JsonObject { [Whole] = new JsonArray(0, 1) } } };
        });
        using var subscriber = await site.Site.SubscribeAsync();
        await PublishAsync(site.Site, $"{Whole}x", [1]);
        await PublishAsync(site.Site, "\u001b[31mred", [1]);
        await PublishAsync(site.Site, Whole, [.. Enumerable.Range(0, 500).Select(i => i == 499 ? 2 : i % 7 / 10.0)]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == Id && t.Kind == "limit"), () => $"the alert, but the gateway said:\n{site.Gateway.Output}");

        await InBrowserAsync(site);
        await OnPageAsync(site, subscriber.Transitions().First(t => t.Subject == Id).AlertId);
        await InMetricsAsync(metrics);
        await InSupportBundleAsync(site.Site);
        Assert.Equal(0, await site.Gateway.StopAsync());
        await Eventually.HoldsAsync(() => subscriber.Status.Contains("stopped", StringComparison.Ordinal), "the status says stopped");
        await InReportAsync(site.Site);
        await InExportAsync(site.Site);
        InMessages(subscriber);
        InLog(site.Gateway.Output);
    }

    private static Task PublishAsync(Site site, string name, double[] values) => site.PublishAsync(
        $"hostile/{Asset}", values.Select((value, i) => new JsonObject { ["ts"] = 1767250800 + i, [name] = value }.ToJsonString()));

    /// <summary>No dialog, no element, no request: text.</summary>
    private static async Task InBrowserAsync(PageSite site)
    {
        await using var browser = await OperatorBrowser.OpenAsync(site.Port);
        await browser.LogInAsync(site.Tokens["view"]);
        await browser.Page.Locator(".asset-row").ClickAsync();
        await browser.Page.Locator(".sensor-row").ClickAsync();
        await browser.ShowsAsync("Statistics alone would have said");
        Assert.Equal(Shown, await browser.Page.Locator("h1").TextContentAsync());
        Assert.Equal(0, await Made(browser).CountAsync());
        await browser.Page.GoBackAsync();
        await browser.Page.Locator(".alert-row", new() { HasText = "limit" }).ClickAsync();
        await browser.Heading($"{Shown}: limit").WaitForAsync();
        Assert.Equal(0, await Made(browser).CountAsync());
        Assert.Empty(browser.Wrongs);
        Assert.Empty(browser.Questions);
    }

    private static ILocator Made(OperatorBrowser browser) => browser.Page.Locator("main img, main script, main i, main b[onclick]");

    /// <summary>What the page is told is JSON that no browser would take for anything else.</summary>
    private static async Task OnPageAsync(PageSite site, string alert)
    {
        using var operate = await site.LoggedInAsync("operate");
        var feedback = new JsonObject { ["alertId"] = alert, ["verdict"] = "true", ["by"] = "Ada", ["note"] = Id };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await PageSite.PostAsync(operate, "/api/commands/feedback", feedback.ToJsonString())).Status);
        foreach (var path in new[] { "/api/overview", "/api/sensors", $"/api/sensor?id={Uri.EscapeDataString(Id)}", $"/api/alert?id={alert}" })
        {
            using var answer = await operate.GetAsync(new Uri(path, UriKind.Relative), Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.Equal(("application/json", "nosniff"), (answer.Content.Headers.ContentType!.MediaType, answer.Headers.GetValues("X-Content-Type-Options").Single()));
            Assert.All(text, c => Assert.True(c is >= ' ' and <= '~' and not '<' and not '>'));
            Assert.Contains(Id, TextsOf(JsonNode.Parse(text)));
        }
    }

    /// <summary>Each line has the form of Prometheus, and names of sensors are no labels: there may be thousands.</summary>
    private static async Task InMetricsAsync(int port)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Token);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(MetricLine(), line));
        Assert.Contains($"source=\"{Source.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(", text, StringComparison.Ordinal);
    }

    /// <summary>ASCII alone, in files with names of our own.</summary>
    private static async Task InSupportBundleAsync(Site site)
    {
        await RunAsync(site, "support", "--config", site.Configuration, "--data", site.Data, "--out", site.PathOf("bundle.zip"));
        await using var zip = await ZipFile.OpenReadAsync(site.PathOf("bundle.zip"), Token);
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Token));
            var text = await reader.ReadToEndAsync(Token);
            Assert.Matches("^[a-z]+[.]json$", entry.FullName);
            Assert.All(text, c => Assert.True(c is '\n' or (>= ' ' and <= '~' and not '<' and not '>'), entry.FullName));
            Assert.True(entry.FullName != "settings.json" || text.Contains(@"\u003Cscript\u003E", StringComparison.Ordinal), text);
        }
    }

    /// <summary>Nothing that a terminal obeys; nothing that a browser runs.</summary>
    private static async Task InReportAsync(Site site)
    {
        var text = await RunAsync(site, "report", "--data", site.Data);
        Assert.Contains(Shown, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.EnumerateRunes(), rune => IsUnseen(rune) && rune.Value != '\n');
        var html = site.PathOf("report.html");
        await RunAsync(site, "report", "--data", site.Data, "--format", "html", "--out", html);
        Assert.All(["<script", "<img", "<b ", "\u202e"], wrong => Assert.DoesNotContain(wrong, File.ReadAllText(html), StringComparison.Ordinal));
        Assert.Contains(Id, TextsOf(JsonNode.Parse(await RunAsync(site, "report", "--data", site.Data, "--format", "json"))));
    }

    /// <summary>A name is one cell and no formula, and what is written can be read back; without --names nothing of it is left.</summary>
    private static async Task InExportAsync(Site site)
    {
        var folder = site.PathOf("named");
        await RunAsync(site, "export", folder, "--data", site.Data, "--names");
        var file = Assert.Single(ReplayFile.At(folder));
        using (var series = RecordedSeries.Open(file.Path, file.Labels!.Columns))
        {
            Assert.Equal(500, series.Rows(_ => { }).Count());
            Assert.Equal("'" + Shown.Replace(',', '_').Replace('"', '_'), Assert.Single(series.Columns));
        }

        Assert.Contains(Id, TextsOf(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, SeriesLabels.FileName), Token))));
        await RunAsync(site, "export", site.PathOf("foreign"), "--data", site.Data);
        Assert.All(Directory.GetFiles(site.PathOf("foreign"), "*", SearchOption.AllDirectories), path => Assert.DoesNotContain("alert(", path + File.ReadAllText(path), StringComparison.Ordinal));
    }

    /// <summary>Topics are our own, each message is a line of JSON, and what was refused is counted.</summary>
    private static void InMessages(Subscriber subscriber)
    {
        Assert.All(subscriber.Messages, message => Assert.Matches($"^edgegateway/{Site.Gateway}/(events|status|test-mark|alerts/[a-z2-7]{{20}})$", message.Topic));
        Assert.Contains(subscriber.Messages, message => message.Topic.Contains("/alerts/", StringComparison.Ordinal) && TextsOf(JsonNode.Parse(message.Payload)).Contains(Id));
        Assert.Equal((500, 2), (subscriber.Counter("taken"), subscriber.Counter("rejected.name")));
    }

    /// <summary>Each line is one of the gateway's own.</summary>
    private static void InLog(string output)
    {
        Assert.Contains(@"\u202egnp.exe", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output.EnumerateRunes(), rune => IsUnseen(rune) && rune.Value != '\n');
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^<[0-7]> \d{4}-\d\d-\d\d ", line));
    }

    private static async Task<string> RunAsync(Site site, params string[] arguments)
    {
        using var process = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, arguments);
        Assert.True(await process.ExitAsync() == 0, process.Output);
        return process.Output;
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>All texts and names in it.</summary>
    private static IEnumerable<string> TextsOf(JsonNode? node) => node switch
    {
        JsonObject entries => entries.SelectMany(e => TextsOf(e.Value).Prepend(e.Key)),
        JsonArray items => items.SelectMany(TextsOf),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    [GeneratedRegex("""^(# (HELP|TYPE) .*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*",?)*\})? (-?[0-9.eE+-]+|NaN|[+-]Inf))$""")]
    private static partial Regex MetricLine();
}
