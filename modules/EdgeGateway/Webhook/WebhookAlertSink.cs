using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Storage;

namespace EdgeGateway.Webhook;

/// <summary>
/// An HTTP server as alert sink: CloudEvents over HTTP POST in structured mode, the same body as everywhere, one at a time. Delivered is what was answered with 2xx; only the
/// status and Retry-After of an answer are looked at. What is said about it names the server alone: path and query of such addresses may be secrets.
/// </summary>
internal sealed class WebhookAlertSink : IAlertSink, IDisposable
{
    /// <summary>The longest wait for an answer, the connect included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a server may have us wait before the next attempt.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection is used before the name is looked up anew.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly MediaTypeHeaderValue ContentType = MediaTypeHeaderValue.Parse("application/cloudevents+json; charset=utf-8");
    private readonly WebhookSettings settings;
    private readonly TimeProvider clock;
    private readonly HttpClient http;
    private readonly string server;

    /// <summary>Why the certificate of the last connect was not trusted; null when it was.</summary>
    private volatile string? distrust;

    /// <summary>What the server said when it asked for a pause, and until when that lasts.</summary>
    private (string Reason, long From, TimeSpan Length)? pause;

    public WebhookAlertSink(WebhookSettings settings, TimeProvider clock)
    {
        (this.settings, this.clock) = (settings, clock);
        server = settings.Url.GetLeftPart(UriPartial.Authority);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxConnectionsPerServer = 1,
            MaxResponseDrainSize = 4096,
            PooledConnectionLifetime = ConnectionLifetime,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(certificate, chain, errors);
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("EdgeGateway", typeof(WebhookAlertSink).Assembly.GetName().Version!.ToString(3)));
    }

    /// <inheritdoc/>
    public string Name => "webhook";

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, clock, token);

    /// <inheritdoc/>
    public async Task SendAsync(OutboxEntry entry, CancellationToken token)
    {
        if (pause is { } asked && clock.GetElapsedTime(asked.From) < asked.Length)
        {
            throw new HttpRequestException(asked.Reason);
        }

        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        using var request = NewRequest(entry);
        try
        {
            distrust = null;
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            Judge(answer);
        }
        catch (OperationCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException($"{server} has not answered for {Patience.TotalSeconds} seconds.", e);
        }
        catch (HttpRequestException e) when (e.InnerException is not null)
        {
            throw new HttpRequestException(distrust is { } why ? $"{server} {why}." : $"{server} cannot be reached or broke off: {e.GetBaseException().Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private HttpRequestMessage NewRequest(OutboxEntry entry)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ReadOnlyMemoryContent(entry.Body) { Headers = { ContentType = ContentType } } };
        if (settings.TokenFile is { } file)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(file));
        }

        return request;
    }

    private static string Token(string file)
    {
        using var text = new StringReader(BoundedFile.ReadText(file));
        return text.ReadLine()?.Trim() is { Length: > 0 } token && token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new IOException($"The first line of the token file {file} is no bearer token: it is empty, or has blanks or other than ASCII characters.");
    }

    private void Judge(HttpResponseMessage answer)
    {
        pause = null;
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var said = $"{server} answered {(int)answer.StatusCode} ({answer.StatusCode})";
        if (!IsPassing(answer.StatusCode))
        {
            throw new DeadLetterException((int)answer.StatusCode < 400 ? $"{said}; redirects are not followed, so write the address it leads to into webhook.url." : $"{said}.");
        }

        if (RetryAfter(answer) is { } wait && wait > TimeSpan.Zero)
        {
            pause = ($"{said}.", clock.GetTimestamp(), wait < LongestRetryAfter ? wait : LongestRetryAfter);
        }

        throw new HttpRequestException($"{said}.");
    }

    /// <summary>
    /// Whether it may be taken later as it is: the server or what stands before it is overloaded or just starting (also 404: Node-RED and proxies listen before their routes are
    /// there), or a token is being changed.
    /// </summary>
    private static bool IsPassing(HttpStatusCode status) => (int)status >= 500
        || status is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests;

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - clock.GetUtcNow() : null;

    private bool Trusts(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        try
        {
            distrust = CertificateTrust.Problem(certificate, sent, errors, settings.CaFile is { } file ? CertificateTrust.ReadFile(file) : null);
        }
        catch (IOException e)
        {
            distrust = $"cannot be trusted: {e.Message.TrimEnd('.')}";
        }

        return distrust is null;
    }
}
