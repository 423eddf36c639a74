using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Page;

/// <summary>Answers what a browser asks of the page: its files to everybody, all else to who has shown a token. Whatever is asked gets an answer and harms nothing.</summary>
/// <param name="stopping">The page is switched off: streams end.</param>
internal sealed class PageAnswers(PageView view, CommandDispatcher dispatcher, PageTokens tokens, AllowedHosts hosts, TimeProvider clock, ILogger logger, CancellationToken stopping)
{
    /// <summary>A page of another origin cannot send it without being asked first, which is refused.</summary>
    public const string OwnHeader = "X-EdgeGateway";

    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    private readonly PageLogin login = new(tokens, clock, logger);
    private readonly PageStreams streams = new(view, clock, stopping);

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        (headers.ContentSecurityPolicy, headers.XContentTypeOptions, headers["Referrer-Policy"], headers.CacheControl) = (Policy, "nosniff", "no-referrer", "no-store");
        (headers["Cross-Origin-Opener-Policy"], headers["Cross-Origin-Resource-Policy"]) = ("same-origin", "same-origin");
        try
        {
            await RouteAsync(context);
        }
        catch (Exception e) when (e is not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // the stages may just be let go, and their store with them
            if (e is not (StorageException or InvalidOperationException))
            {
                logger.AnswerFailed(context.Request.Path.Value ?? "", e);
            }

            await SayAsync(context, 503, "The gateway cannot answer this just now; ask again.");
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "/";
        if (!hosts.Allows(request.Host.Host))
        {
            return SayAsync(context, 421, "This name is not one of this gateway's; use its address, or name it in operations.pageHosts.");
        }

        if (!path.StartsWith("/api/", StringComparison.Ordinal))
        {
            return WriteFileAsync(context, path);
        }

        if (!IsSameOrigin(request))
        {
            return SayAsync(context, 403, "Another web page asked for this; only the gateway's own page may.");
        }

        return (request.Method, path) switch
        {
            ("POST", "/api/login") => LogInAsync(context),
            ("POST", "/api/logout") => LogOutAsync(context),
            _ => login.RoleOf(request) is { } role ? AnswerKnownAsync(context, path, role) : DenyAsync(context),
        };
    }

    /// <summary>What browsers say of a request that another page caused. Programs say nothing of it, and no cookie comes with theirs unasked.</summary>
    private static bool IsSameOrigin(HttpRequest request) =>
        (request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none")
        && (request.Headers.Origin.ToString() is not { Length: > 0 } origin || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        && (request.Method is "GET" or "HEAD" || request.Headers.ContainsKey(OwnHeader));

    private Task AnswerKnownAsync(HttpContext context, string path, PageRole role)
    {
        var asked = context.Request.Query["id"].ToString();
        return (context.Request.Method, path) switch
        {
            ("GET", "/api/overview") => WriteAsync(context, 200, view.Overview(role)),
            ("GET", "/api/sensors") => WriteAsync(context, 200, view.Sensors()),
            ("GET", "/api/sensor") => view.Sensor(asked) is { } sensor ? WriteAsync(context, 200, sensor) : SayAsync(context, 404, "No window of this sensor has closed since the gateway was started, and no open alert names it."),
            ("GET", "/api/why") => view.Why(asked, MillisecondsOf(context, "after"), MillisecondsOf(context, "until")) is { } why ? WriteAsync(context, 200, why)
                : SayAsync(context, 404, $"This window is no longer remembered: the newest {RecentVerdicts.Most} of all sensors are, and the newest {RecentVerdicts.MostAnomalous} unusual ones."),
            ("GET", "/api/alert") => view.Alert(asked) is { } alert ? WriteAsync(context, 200, alert) : SayAsync(context, 404, "There is no such alert, or it ended more than 30 days ago."),
            ("GET", "/api/models") => RunAsync(context, "models", default),
            ("GET", "/api/events") => streams.WriteAsync(context, role, PageLogin.SessionOf(context.Request)),
            ("POST", _) when path.StartsWith("/api/commands/", StringComparison.Ordinal) => role == PageRole.Operate ? CommandAsync(context, path["/api/commands/".Length..])
                : SayAsync(context, 403, "Your token is one to look with; log in with the one to operate with, which EdgeGateway doctor shows."),
            _ => SayAsync(context, 404, "There is no such thing here."),
        };
    }

    /// <summary>0 where none, or no number, is given.</summary>
    private static long MillisecondsOf(HttpContext context, string name) => long.TryParse(context.Request.Query[name].ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private async Task CommandAsync(HttpContext context, string name) => await RunAsync(context, name, await BodyAsync(context));

    private async Task RunAsync(HttpContext context, string name, ReadOnlyMemory<byte> payload)
    {
        // who has the token to operate is as good as who may call direct methods
        var answer = await dispatcher.RunAsync(name, payload, isLocal: false, context.RequestAborted);
        await WriteAsync(context, answer.Status, answer.Body);
    }

    private async Task LogInAsync(HttpContext context)
    {
        var role = login.Begin(context, await BodyAsync(context));
        await (role is { } known ? WriteAsync(context, 200, new JsonObject { ["role"] = NameOf(known) }) : DenyAsync(context));
    }

    private Task LogOutAsync(HttpContext context)
    {
        login.End(context);
        streams.End(PageLogin.SessionOf(context.Request));
        return WriteAsync(context, 200, new JsonObject());
    }

    private Task DenyAsync(HttpContext context)
    {
        if (!login.IsTooOften(context))
        {
            return SayAsync(context, 401, "A token of this gateway is needed: EdgeGateway doctor shows it.");
        }

        context.Response.Headers.RetryAfter = "60";
        return SayAsync(context, 429, "Too many wrong tokens came; wait a minute.");
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static Task WriteFileAsync(HttpContext context, string path)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            return SayAsync(context, 405, "Only GET is possible here.");
        }

        if (PageFiles.Find(path) is not { } file)
        {
            return SayAsync(context, 404, "There is no such file.");
        }

        (context.Response.ContentType, context.Response.ContentLength) = (file.ContentType, file.Content.Length);
        return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }

    /// <summary>The word for a role, as it stands in answers.</summary>
    public static string NameOf(PageRole role) => role == PageRole.Operate ? "operate" : "view";

    private static Task SayAsync(HttpContext context, int status, string sentence) => WriteAsync(context, status, new JsonObject { ["error"] = sentence });

    private static Task WriteAsync(HttpContext context, int status, JsonNode body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json; charset=utf-8");
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), context.RequestAborted).AsTask();
    }
}
