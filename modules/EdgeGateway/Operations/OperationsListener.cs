using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Operations;

/// <summary>
/// What machines ask a gateway over HTTP, on a port of its own: <c>/metrics</c> for Prometheus, <c>/healthz/live</c> and <c>/healthz/ready</c> for Docker and Kubernetes. Nothing can be changed by it, and
/// nothing secret is said.
/// </summary>
internal sealed class OperationsListener(GatewayState state, GatewayMetrics metrics, Watchdog watchdog, ILogger<OperationsListener> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim changing = new(1, 1);
    private WebApplication? listening;
    private int? port;

    /// <summary>Listens on a port of all addresses from now on, and no more on the one before; 0: on none. One that is taken is said, and the gateway judges on.</summary>
    public async Task UseAsync(int wanted)
    {
        await changing.WaitAsync();
        try
        {
            if (port == wanted)
            {
                return;
            }

            await StopAsync();
            port = wanted;
            listening = wanted == 0 ? null : await StartAsync(wanted);
        }
        finally
        {
            changing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        changing.Dispose();
    }

    private async Task<WebApplication?> StartAsync(int wanted)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.ListenAnyIP(wanted);
            server.AddServerHeader = false;
            (server.Limits.MaxConcurrentConnections, server.Limits.MaxRequestBodySize, server.Limits.MaxRequestLineSize, server.Limits.MaxRequestHeadersTotalSize) = (32, 0, 2048, 8192);
        });
        var app = builder.Build();
        app.Run(AnswerAsync);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // a port in use is the one, a port below 1,024 without the right to it the other
            logger.NotListening(wanted, e.Message);
            await app.DisposeAsync();
            return null;
        }
    }

    private async Task StopAsync()
    {
        if (listening is { } old)
        {
            listening = null;
            await old.DisposeAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            // the server has no log of its own
            logger.AnswerFailed(context.Request.Path.Value ?? "", e);
            throw;
        }
    }

    private Task RouteAsync(HttpContext context) => context.Request.Path.Value switch
    {
        _ when context.Request.Method is not ("GET" or "HEAD") => SayAsync(context, HttpStatusCode.MethodNotAllowed, "Only GET is possible here."),
        "/metrics" => WriteMetricsAsync(context),
        "/healthz/live" when watchdog.Complaint.Length > 0 => SayAsync(context, HttpStatusCode.ServiceUnavailable, watchdog.Complaint),
        "/healthz/live" => SayAsync(context, HttpStatusCode.OK, "live"),
        "/healthz/ready" when state.Running is null => SayAsync(context, HttpStatusCode.ServiceUnavailable, GatewayState.NotRunning),
        "/healthz/ready" => SayAsync(context, HttpStatusCode.OK, "ready"),
        _ => SayAsync(context, HttpStatusCode.NotFound, "There are /metrics, /healthz/live and /healthz/ready."),
    };

    private Task WriteMetricsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return metrics.WriteAsync(context.Response.Body, context.RequestAborted);
    }

    private static Task SayAsync(HttpContext context, HttpStatusCode status, string sentence)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }
}
