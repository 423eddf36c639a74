using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Tests.Webhook;

/// <summary>An HTTP or HTTPS server on loopback that takes alerts, or what else is posted, and answers as a test wants it to.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Received> taken = new();

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>Where it listens, with a path and a query that nobody else may hear of.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Every request, also those that were not answered with 2xx.</summary>
    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>Ids of the alerts that were answered with 2xx, as they came.</summary>
    public IReadOnlyList<string> Taken => [.. taken.Select(request => request.Id)];

    /// <summary>What is answered; 204 unless a test says otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = With(StatusCodes.Status204NoContent);

    /// <summary>A server that listens.</summary>
    /// <param name="certificate">Null for plain HTTP.</param>
    /// <param name="port">0 for any free one.</param>
    public static async Task<Receiver> StartedAsync(X509Certificate2? certificate = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        var address = new Uri(receiver.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        receiver.Url = new Uri($"{address.Scheme}://localhost:{address.Port}/secret-path?key=secret");
        return receiver;
    }

    /// <summary>An answer that is nothing but a status and headers.</summary>
    public static Func<HttpContext, Task> With(int status, params (string Name, string Value)[] headers) => context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return Task.CompletedTask;
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var received = new Received(context.Request.Method, context.Request.ContentType, context.Request.Headers.Authorization.ToString(), $"{context.Request.Path}{context.Request.QueryString}", body.ToArray());
        Requests.Enqueue(received);
        await Answer(context);
        if (context.Response.StatusCode is >= 200 and < 300)
        {
            taken.Enqueue(received);
        }
    }
}

/// <summary>A request that came in.</summary>
internal sealed record Received(string Method, string? ContentType, string Authorization, string Target, byte[] Body)
{
    /// <summary>The event's id.</summary>
    public string Id
    {
        get
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.GetProperty("id").GetString()!;
        }
    }
}
