using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using EdgeGateway.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Page;

/// <summary>Serves the operator page (docs/page.md) on a port of its own: over HTTPS on all addresses, or without a certificate over HTTP on this machine's loopback alone.</summary>
/// <param name="certificate">Null for loopback; owned.</param>
internal sealed class PageListener(GatewayState state, CommandDispatcher dispatcher, string data, PageCertificate? certificate, TimeProvider clock, ILogger<PageListener> logger) : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private Task? minutely;
    private WebApplication? listening;
    private (int Port, string Hosts)? used;
    private Func<Task<WebApplication?>>? start;
    private string? said;

    /// <summary>Where the page is, with the token to operate it behind a #; null while it is not served. Not for logs.</summary>
    public string? AddressWithToken { get; private set; }

    /// <summary>Listens on a port from now on, and no more on the one before; null: on none, 0: on one that is free. What stands in the way is said and tried again each minute, and the gateway judges on.</summary>
    /// <param name="hosts">Names under which browsers may ask besides addresses, localhost and this machine's own.</param>
    public async Task UseAsync(int? port, IReadOnlyCollection<string> hosts)
    {
        await changing.WaitAsync();
        try
        {
            (int, string)? wanted = port is { } some ? (some, string.Join(' ', hosts)) : null;
            if (used != wanted)
            {
                await StopAsync();
                (used, start, said) = (wanted, port is { } number ? () => StartAsync(number, hosts) : null, null);
                listening = start is null ? null : await start();
                minutely ??= LookAfterAsync();
            }
        }
        finally
        {
            changing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await (minutely ?? Task.CompletedTask);
        await StopAsync();
        certificate?.Dispose();
        changing.Dispose();
        stopping.Dispose();
    }

    /// <summary>Once a minute, for nobody tells us: a port that was taken becomes free, a file that could not be read is mended, a certificate grows old.</summary>
    private async Task LookAfterAsync()
    {
        using var minute = new PeriodicTimer(Minute, clock);
        try
        {
            while (await minute.WaitForNextTickAsync(stopping.Token))
            {
                await RetryAsync();
                if (listening is not null && certificate is not null)
                {
                    await certificate.RenewAsync(stopping.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the gateway ends
        }
    }

    private async Task RetryAsync()
    {
        await changing.WaitAsync(stopping.Token);
        try
        {
            listening ??= start is null ? null : await start();
        }
        finally
        {
            changing.Release();
        }
    }

    private async Task<WebApplication?> StartAsync(int port, IReadOnlyCollection<string> hosts)
    {
        WebApplication? app = null;
        try
        {
            var tokens = PageTokens.Of(data);
            if (certificate is not null)
            {
                await certificate.RenewAsync(stopping.Token);
            }

            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => Configure(server, port));
            app = builder.Build();
            var answers = new PageAnswers(new PageView(state, clock), dispatcher, tokens, new AllowedHosts(hosts), clock, logger, app.Lifetime.ApplicationStopping);
            app.Run(answers.AnswerAsync);
            await app.StartAsync();
            var address = app.Urls.First().Replace("[::]", Environment.MachineName, StringComparison.Ordinal);
            AddressWithToken = $"{address}/#token={tokens.Operate}";
            logger.PageServed(address);
            return app;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            if (said != e.Message)
            {
                logger.PageNotServed(port, said = e.Message);
            }

            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            return null;
        }
    }

    private void Configure(KestrelServerOptions server, int port)
    {
        server.AddServerHeader = false;
        var limits = server.Limits;
        (limits.MaxConcurrentConnections, limits.MaxRequestBodySize, limits.MaxRequestLineSize, limits.MaxRequestHeadersTotalSize) = (PageConnections.Most, 64 * 1024, 4096, 16 * 1024);

        // the second one is also the time for the first request: who says nothing holds a connection no longer than who says it slowly
        (limits.RequestHeadersTimeout, limits.KeepAliveTimeout, limits.Http2.MaxStreamsPerConnection) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), 32);

        // a phone that lost its network closes nothing
        (limits.Http2.KeepAlivePingDelay, limits.Http2.KeepAlivePingTimeout) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        if (certificate is null)
        {
            server.Listen(IPAddress.Loopback, port, Bound);
            return;
        }

        server.ListenAnyIP(port, listen =>
        {
            Bound(listen);
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
            });
        });
    }

    private static void Bound(ListenOptions listen)
    {
        var connections = new PageConnections();
        listen.Use(next => connection => connections.ServeAsync(connection, next));
    }

    private async Task StopAsync()
    {
        AddressWithToken = null;
        if (listening is { } old)
        {
            listening = null;
            await old.DisposeAsync();
        }
    }
}
