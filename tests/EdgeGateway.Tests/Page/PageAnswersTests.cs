using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>Who gets in.</summary>
public sealed class PageAnswersTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly PageTokens tokens;
    private readonly PageAnswers answers;

    public PageAnswersTests()
    {
        var (clock, state) = (new FakeTimeProvider(), new GatewayState());
        tokens = PageTokens.Of(folder.Path);
        answers = new PageAnswers(
            new PageView(state, clock), new CommandDispatcher([new GatewayCommand("ping", [], (_, _) => Task.FromResult(CommandAnswer.Ok(new JsonObject())))], state.Accounting, NullLogger<CommandDispatcher>.Instance), tokens, new AllowedHosts([]), clock, NullLogger.Instance, TestContext.Current.CancellationToken);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_flood_of_wrong_tokens_of_the_same_address_and_of_all_others_does_not_keep_out_who_has_a_right_one()
    {
        for (var i = 0; i < 2 * WrongTokens.MostOfAll; i++)
        {
            await LogInAsync("wrong", (byte)(i % 10));
        }

        Assert.Equal(429, await LogInAsync("wrong", 1));
        Assert.Equal(429, await LogInAsync("wrong", 200));
        Assert.Equal(200, await LogInAsync(tokens.View, 1));
        Assert.Equal(200, await LogInAsync(tokens.Operate, 200));
    }

    [Theory]
    [InlineData("https", "; secure")]
    [InlineData("http", "")]
    public async Task Who_logs_in_gets_a_cookie_for_this_page_alone_that_does_not_hold_the_token(string scheme, string secure)
    {
        var cookie = await CookieAsync(tokens.View, scheme);
        Assert.Matches($@"^edgegateway-8443=\d+\.[\w-]{{22}}\.[\w-]{{43}}; max-age=2592000; path=/api/{secure}; samesite=strict; httponly$", cookie);
        Assert.DoesNotContain(tokens.View, cookie, StringComparison.Ordinal);
        Assert.Equal(401, await AskAsync("GET", "/api/overview", $"edgegateway-8443={tokens.View}"));
    }

    [Fact]
    public async Task A_cookie_that_was_copied_counts_no_more_once_its_session_was_logged_out()
    {
        var (mine, other) = ((await CookieAsync(tokens.View)).Split(';')[0], (await CookieAsync(tokens.View)).Split(';')[0]);
        Assert.Equal((200, 200), (await AskAsync("GET", "/api/overview", mine), await AskAsync("GET", "/api/overview", other)));
        Assert.Equal(200, await AskAsync("POST", "/api/logout", mine));
        Assert.Equal((401, 200), (await AskAsync("GET", "/api/overview", mine), await AskAsync("GET", "/api/overview", other)));
    }

    [Theory]
    [InlineData("localhost", "/", 200)]
    [InlineData("localhost", "/app.js", 200)]
    [InlineData("localhost", "/nothing", 404)]
    [InlineData("localhost", "/api/overview", 401)]
    [InlineData("evil.example", "/", 421)]
    public async Task Every_answer_tells_the_browser_to_load_nothing_from_elsewhere_run_nothing_inline_and_keep_nothing(string host, string path, int status)
    {
        var context = Context("GET", path);
        context.Request.Host = new HostString(host);
        await answers.AnswerAsync(context);
        Assert.Equal(status, context.Response.StatusCode);
        var headers = context.Response.Headers;
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'", (string?)headers.ContentSecurityPolicy);
        Assert.Equal(("nosniff", "no-referrer", "no-store"), ((string?)headers.XContentTypeOptions, (string?)headers["Referrer-Policy"], (string?)headers.CacheControl));
        Assert.Equal(("same-origin", "same-origin"), ((string?)headers["Cross-Origin-Opener-Policy"], (string?)headers["Cross-Origin-Resource-Policy"]));
    }

    [Theory]
    [InlineData("GET", "Sec-Fetch-Site", "same-site", 403)]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("GET", "Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("GET", "Sec-Fetch-Site", "none", 200)]
    [InlineData("GET", "Origin", "https://localhost:8444", 403)]
    [InlineData("GET", "Origin", "http://localhost:8443", 403)]
    [InlineData("GET", "Origin", "https://localhost:8443", 200)]
    [InlineData("POST", "Sec-Fetch-Site", "same-site", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("POST", "Origin", "null", 403)]
    [InlineData("POST", PageAnswers.OwnHeader, null, 403)]
    [InlineData("POST", "Sec-Fetch-Site", "same-origin", 200)]
    public async Task What_another_site_or_another_port_of_this_host_asks_for_with_our_cookie_is_refused(string method, string header, string? value, int status)
    {
        var context = Context(method, method == "GET" ? "/api/overview" : "/api/commands/ping");
        context.Request.Headers.Cookie = (await CookieAsync(tokens.Operate)).Split(';')[0];
        context.Request.Headers[header] = value;
        await answers.AnswerAsync(context);
        Assert.Equal(status, context.Response.StatusCode);
    }

    private async Task<int> LogInAsync(string token, byte address) => (await AnswerAsync(token, "https", address)).StatusCode;

    private async Task<string> CookieAsync(string token, string scheme = "https") => (await AnswerAsync(token, scheme, address: 1)).Headers.SetCookie.Single()!;

    private async Task<HttpResponse> AnswerAsync(string token, string scheme, byte address)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"token":"{{token}}"}"""));
        var context = Context("POST", "/api/login");
        (context.Request.Scheme, context.Request.Body, context.Connection.RemoteIpAddress) = (scheme, body, new IPAddress([10, 0, 0, address]));
        await answers.AnswerAsync(context);
        return context.Response;
    }

    private async Task<int> AskAsync(string method, string path, string cookie)
    {
        var context = Context(method, path);
        context.Request.Headers.Cookie = cookie;
        await answers.AnswerAsync(context);
        return context.Response.StatusCode;
    }

    private static DefaultHttpContext Context(string method, string path)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Scheme, context.Request.Host, context.Request.Path) = (method, "https", new HostString("localhost", 8443), path);
        context.Request.Headers[PageAnswers.OwnHeader] = "1";
        return context;
    }
}
