using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Hub;
using EdgeGateway.Settings;

namespace EdgeGateway.Updates.Fetching;

/// <summary>HTTPS to a server or through a proxy, for one fetch. What servers say in words is never repeated: it may be the secret of our own request.</summary>
internal sealed class FetchConnection : IDisposable
{
    /// <summary>The longest wait for the head of an answer, connects and redirects included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Redirects of one request.</summary>
    public const int MostRedirects = 5;

    /// <summary>The longest wait for one address of a name, while there are more.</summary>
    private static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(10);

    private readonly UpdateSettings settings;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    /// <summary>Why the certificate of the last connect was not trusted; null when it was.</summary>
    private volatile string? distrust;

    public FetchConnection(UpdateSettings settings, TimeProvider clock)
    {
        (this.settings, this.clock) = (settings, clock);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = async (context, token) => new NetworkStream(await ConnectAsync(context, token), ownsSocket: true),
        };
        if (settings.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy);
        }

        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(certificate, chain, errors);
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("EdgeGateway", typeof(FetchConnection).Assembly.GetName().Version!.ToString(3)));
        http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Asks for a file, or for the rest of it; follows redirects within the same server.</summary>
    /// <param name="from">The first byte that is wanted.</param>
    /// <param name="tag">The version of the file that the bytes before are of; null when nobody knows.</param>
    /// <returns>The head of the answer, its body not read yet; null when redirects lead elsewhere or have no end.</returns>
    /// <exception cref="HttpRequestException">There is no answer; <see cref="Explain"/> says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or there was none for as long as <see cref="Patience"/>.</exception>
    public async Task<HttpResponseMessage?> AskAsync(Uri url, long from, EntityTagHeaderValue? tag, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = NewRequest(url, from, tag);
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (answer.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return answer;
            }

            var to = answer.Headers.Location;
            answer.Dispose();
            if (to is null || !Uri.TryCreate(url, to, out var next) || next.Scheme != url.Scheme || next.Authority != url.Authority || next.UserInfo.Length > 0)
            {
                return null;
            }

            url = next;
        }

        return null;
    }

    /// <summary>Why there was no answer, as the end of a sentence.</summary>
    public string Explain(HttpRequestException failure) => distrust ?? failure.GetBaseException() switch
    {
        AddressRefusedException refused => refused.Message,
        SocketException socket => $"cannot be reached{(settings.Proxy is null ? "" : " through the proxy")}: {socket.Message}",
        _ => failure.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError => "cannot be reached through the proxy, which refuses it; check the proxy's rules",
            HttpRequestError.SecureConnectionError => "cannot be spoken with by TLS; check its port",
            _ => "broke off, or answers something else than HTTP",
        },
    };

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static HttpRequestMessage NewRequest(Uri url, long from, EntityTagHeaderValue? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            request.Headers.IfRange = tag is null ? null : new RangeConditionHeaderValue(tag);
        }

        return request;
    }

    /// <summary>Only to addresses that are allowed; a proxy was named by the site itself.</summary>
    private async Task<Socket> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken token)
    {
        var (host, url) = (context.DnsEndPoint, context.InitialRequestMessage.RequestUri!);
        var isProxy = host.Host != url.IdnHost || host.Port != url.Port;
        var addresses = await Dns.GetHostAddressesAsync(host.Host, token);
        if (!isProxy && Array.Find(addresses, a => !FetchAddresses.Allows(a, host.Host, settings.Hosts is not null)) is { } refused)
        {
            throw new AddressRefusedException($"leads to {refused}, which {(settings.Hosts is null ? "is no public address; name the host in updates.hosts of the site file" : "belongs to this device, its link or nobody; check the name server")}");
        }

        for (var i = 0; ; i++)
        {
            try
            {
                return await ConnectAsync(addresses[i], host.Port, token);
            }
            catch (Exception e) when (i < addresses.Length - 1 && e is SocketException or OperationCanceledException && !token.IsCancellationRequested)
            {
                // the next address, as a network may have no way to one of the two families
            }
        }
    }

    private async Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(AddressPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, either.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

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

    /// <summary>A name leads to where nothing may be fetched; the message is the end of a sentence.</summary>
    private sealed class AddressRefusedException(string message) : IOException(message);
}
