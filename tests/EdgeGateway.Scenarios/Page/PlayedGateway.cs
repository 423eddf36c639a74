using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdgeGateway.Tests;
using Microsoft.Playwright;

namespace EdgeGateway.Scenarios.Page;

/// <summary>A gateway that a test plays, for the faults and the hours that no real one shows in a test: the page's own files in a real browser, whose clock goes as the test says.</summary>
internal sealed class PlayedGateway : IAsyncDisposable
{
    private const string Address = "https://gateway.test/";

    /// <summary>Streams of events that a test fills; <c>refused</c>: as a browser does that is answered with an error.</summary>
    private const string Streams = """
        window.streams = [];
        window.refused = false;
        window.EventSource = class extends EventTarget {
          static CLOSED = 2;
          constructor() { super(); window.streams.push(this); window.refused && queueMicrotask(() => this.end()); }
          end() { this.readyState = 2; this.dispatchEvent(new Event('error')); }
          close() { this.readyState = 2; }
        };
        """;

    private static readonly string Files = Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "Page", "wwwroot");
    private readonly ConcurrentDictionary<string, (int Status, JsonNode Body)> answers = [];
    private readonly ConcurrentQueue<string> asked = [];

    /// <summary>When the clock of browser and gateway begins.</summary>
    public static DateTime Start { get; } = new(2026, 1, 1, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>The tab.</summary>
    public OperatorBrowser Browser { get; private set; } = null!;

    /// <summary>The same.</summary>
    public IPage Page => Browser.Page;

    /// <summary>False: nothing is answered, as without a network.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>What is answered waits for this.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    /// <summary>Opens the page, logged in unless something else is answered.</summary>
    public static async Task<PlayedGateway> OpenAsync(string hash = "", params (string Path, int Status, JsonNode Body)[] answers)
    {
        var gateway = new PlayedGateway();
        gateway.Answer("/api/overview", 200, Overview());
        gateway.Answer("/api/sensors", 200, new JsonArray());
        foreach (var (path, status, body) in answers)
        {
            gateway.Answer(path, status, body);
        }

        gateway.Browser = await OperatorBrowser.OpenAsync(Address + hash, gateway.PrepareAsync);
        await gateway.Page.Locator("h1").WaitForAsync();
        return gateway;
    }

    /// <summary>What an overview says some time after the start, while readings come or do not.</summary>
    public static JsonObject Overview(TimeSpan after = default, bool isFlowing = true, int openAlerts = 1, string since = "2026-01-01T07:00:00Z") => JsonNode.Parse($$"""
        {
          "gateway": "played", "role": "operate", "since": "{{since}}", "time": "{{Start + after:O}}", "health": [], "adapters": {},
          "numbers": { "readingsPerSecond": {{(isFlowing ? 5 : 0)}}, "openAlerts": {{openAlerts}}, "bytesReceived": 0, "bytesSentUp": 0 }
        }
        """)!.AsObject();

    /// <summary>An alert that is open.</summary>
    public static JsonObject Alert(string id, DateTime raised, string asset = "a", int severity = 900) => JsonNode.Parse($$"""
        {
          "alertId": "{{id}}", "subject": "{{asset}}/v", "asset": "{{asset}}", "sensor": "{{asset}}/v", "family": "rule", "kind": "limit", "severity": {{severity}}, "confidence": 1,
          "active": true, "acknowledged": false, "raised": "{{raised:O}}", "time": "{{raised:O}}", "text": "Too much."
        }
        """)!.AsObject();

    /// <summary>A sensor in the list of all.</summary>
    /// <param name="end">Of its newest window; null: it has none.</param>
    public static JsonArray Row(string asset, DateTime? end) => end is { } at ? new($"{asset}/v", 0.5, 3, 0.1, Milliseconds(at), asset, "bar") : new($"{asset}/v", null, null, null, null, asset, "bar");

    /// <summary>What changes in the list with a window.</summary>
    public static JsonArray Window(string asset, DateTime end) => new(new JsonArray($"{asset}/v", 0.5, 3, 0.1, Milliseconds(end)));

    /// <summary>Milliseconds since 1970.</summary>
    public static long Milliseconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeMilliseconds();

    /// <summary>What is answered from now on to who asks for a path.</summary>
    public void Answer(string path, int status, JsonNode body) => answers[path] = (status, body);

    /// <summary>What was asked, with its query.</summary>
    public IReadOnlyList<string> Asked(string path) => [.. asked.Where(a => a.Split('?')[0] == path)];

    /// <summary>Tells an event on the newest stream.</summary>
    public Task TellAsync(string name, JsonNode data) => Page.EvaluateAsync("([name, data]) => streams.at(-1).dispatchEvent(new MessageEvent(name, { data }))", new[] { name, data.ToJsonString() });

    /// <summary>Ends the newest stream, and any that is opened from now on if they are refused.</summary>
    public Task EndStreamAsync(bool refused = false) => Page.EvaluateAsync("refused => { window.refused = refused; streams.at(-1).end(); }", refused);

    /// <summary>Lets time pass in the browser, with all that happens in it.</summary>
    public Task PassAsync(int seconds) => Page.Clock.RunForAsync(1000 * seconds);

    /// <summary>Returns once so many streams have been opened.</summary>
    public Task StreamsAsync(int count) => Page.WaitForFunctionAsync("count => streams.length === count", count);

    /// <summary>How many were.</summary>
    public Task<int> StreamCountAsync() => Page.EvaluateAsync<int>("() => streams.length");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Browser.DisposeAsync();

    private async Task PrepareAsync(IPage page)
    {
        await page.AddInitScriptAsync(Streams);
        await page.Clock.InstallAsync(new() { TimeDate = Start });
        await page.Clock.PauseAtAsync(Start.AddSeconds(1));
        await page.RouteAsync($"{Address}**", AnswerAsync);
    }

    private async Task AnswerAsync(IRoute route)
    {
        var address = new Uri(route.Request.Url);
        if (!address.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal))
        {
            await route.FulfillAsync(new() { Path = Files + (address.AbsolutePath == "/" ? "/index.html" : address.AbsolutePath) });
            return;
        }

        asked.Enqueue(address.PathAndQuery);
        await Held;
        var (status, body) = answers.GetValueOrDefault(address.AbsolutePath, (404, new JsonObject { ["error"] = "There is no such thing here." }));
        await (IsReachable ? route.FulfillAsync(new() { Status = status, ContentType = "application/json", Body = body.ToJsonString() }) : route.AbortAsync("connectionrefused"));
    }
}
