using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Hubstand.Identities;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hubstand.Hub;

/// <summary>The three ports on loopback: MQTT over TLS, MQTT over WebSocket over TLS, and the service API over HTTP.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private const string WebSocketPath = "/$iothub/websocket";
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate;
    private readonly CancellationTokenSource stopping = new();
    private ListenOptions? mqtt, webSocket, rest;

    public Listener(HubContext hub, MqttFrontDoor door, Action<WebApplication> mapRest)
    {
        var issued = hub.Authority.IssueServer(hub.Options.GatewayHost, "localhost", hub.Options.GatewayHost);
        using (var pem = X509Certificate2.CreateFromPem(issued.Certificate, issued.PrivateKey))
        {
            certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, hub.Options, door));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        app = builder.Build();
        app.UseWebSockets();
        app.MapWhen(context => context.Request.IsHttps, branch => branch.Run(context => WebSocketAsync(context, door)));
        app.UseRouting();
        mapRest(app);
    }

    /// <summary>Port of MQTT over TLS.</summary>
    public int MqttPort => mqtt!.IPEndPoint!.Port;

    /// <summary>Port of MQTT over WebSocket.</summary>
    public int WebSocketPort => webSocket!.IPEndPoint!.Port;

    /// <summary>Port of the service API.</summary>
    public int RestPort => rest!.IPEndPoint!.Port;

    /// <summary>Opens the ports.</summary>
    /// <exception cref="IOException">One is in use.</exception>
    public Task StartAsync() => app.StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        certificate.Dispose();
        stopping.Dispose();
    }

    private void Listen(KestrelServerOptions kestrel, HubStandOptions options, MqttFrontDoor door)
    {
        kestrel.Listen(IPAddress.Loopback, options.MqttPort, listen =>
        {
            mqtt = listen;
            listen.UseHttps(Tls);
            listen.Run(connection => ServeAsync(connection, door));
        });
        kestrel.Listen(IPAddress.Loopback, options.WebSocketPort, listen =>
        {
            webSocket = listen;
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(Tls);
        });
        kestrel.Listen(IPAddress.Loopback, options.RestPort, listen =>
        {
            rest = listen;
            listen.Protocols = HttpProtocols.Http1;
        });
    }

    /// <summary>Any client certificate is taken here; who it is, CONNECT decides.</summary>
    private void Tls(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = certificate;
        https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
    }

    private async Task ServeAsync(ConnectionContext connection, MqttFrontDoor door)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, connection.ConnectionClosed);
        await using var stream = new DuplexStream(connection.Transport);
        await door.ServeAsync(stream, connection.Features.Get<Microsoft.AspNetCore.Http.Features.ITlsConnectionFeature>()?.ClientCertificate, "MQTT", stop.Token);
    }

    private async Task WebSocketAsync(HttpContext context, MqttFrontDoor door)
    {
        if (context.Request.Path != WebSocketPath || !context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains("mqtt"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        using var socket = await context.WebSockets.AcceptWebSocketAsync("mqtt");
        await using var stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1));
        await door.ServeAsync(stream, context.Connection.ClientCertificate, "WebSocket", stop.Token);
    }
}
