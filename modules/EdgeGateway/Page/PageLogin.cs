using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Page;

/// <summary>Who gets in: takes a token once and gives a session for it, which the browser keeps as a cookie that scripts cannot read and that goes with nothing that another page asks for.</summary>
internal sealed class PageLogin(PageTokens tokens, TimeProvider clock, ILogger logger)
{
    private readonly WrongTokens wrong = new(clock);
    private readonly PageSessions viewers = new(tokens.View, clock);
    private readonly PageSessions operators = new(tokens.Operate, clock);

    /// <summary>Begins a session for the token in this body; null for a wrong one or none. Wrong ones are counted; a right one gets in however many of them came.</summary>
    public PageRole? Begin(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (TokenIn(body) is not { Length: > 0 } token)
        {
            return null;
        }

        var (role, address) = (tokens.RoleOf(token), AddressOf(context));
        if (role is { } known)
        {
            context.Response.Cookies.Append(CookieName(context.Request), (known == PageRole.Operate ? operators : viewers).Begin(), Cookie(context.Request));
        }
        else if (wrong.Add(address))
        {
            logger.WrongToken(address);
        }

        return role;
    }

    /// <summary>Ends a session, also where its cookie was copied.</summary>
    public void End(HttpContext context)
    {
        viewers.End(SessionOf(context.Request));
        operators.End(SessionOf(context.Request));
        context.Response.Cookies.Delete(CookieName(context.Request), Cookie(context.Request));
    }

    /// <summary>What who asks may do; null for who is not logged in.</summary>
    public PageRole? RoleOf(HttpRequest request)
    {
        var session = SessionOf(request);
        return operators.Knows(session) ? PageRole.Operate : viewers.Knows(session) ? PageRole.View : null;
    }

    /// <summary>Whether so many wrong tokens came that who asks must wait.</summary>
    public bool IsTooOften(HttpContext context) => !wrong.Allows(AddressOf(context));

    /// <summary>The session that a request says it is of; "" where it says none.</summary>
    public static string SessionOf(HttpRequest request) => request.Cookies[CookieName(request)] ?? "";

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "";

    /// <summary>Browsers do not part cookies by port: two gateways of one machine must not take each other's.</summary>
    private static string CookieName(HttpRequest request) => $"edgegateway-{request.Host.Port ?? 443}";

    private static CookieOptions Cookie(HttpRequest request) => new() { HttpOnly = true, Secure = request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/api/", MaxAge = PageSessions.Life };

    private static string? TokenIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
        }
        catch (Exception foreign) when (foreign is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
