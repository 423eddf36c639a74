using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGateway.Hub;

/// <summary>
/// The workload API of the IoT Edge runtime (HTTP/1.1 over a unix socket, api-version 2018-06-28). Only the module's own container may call it. At most a few requests at a
/// time: the daemon cuts the eleventh without an answer.
/// </summary>
internal sealed class WorkloadApi : IDisposable
{
    private const string Version = "?api-version=2018-06-28";
    private const int MostAtOnce = 3;
    private const int LargestAnswer = 1 << 20;

    /// <summary>Signing takes milliseconds, making a certificate a second or two.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly SemaphoreSlim slots = new(MostAtOnce, MostAtOnce);
    private readonly HttpClient http;
    private readonly string? socket;
    private readonly string address;
    private readonly string module;
    private readonly string path;
    private readonly TimeProvider clock;

    /// <param name="address"><c>unix:///...</c> or <c>http://...</c>.</param>
    /// <param name="generation">Generation id of the module, part of most paths.</param>
    public WorkloadApi(Uri address, string module, string generation, TimeProvider clock)
    {
        (this.address, this.clock, this.module) = (address.ToString(), clock, module);
        path = $"modules/{Uri.EscapeDataString(module)}/genid/{Uri.EscapeDataString(generation)}";
        socket = address.Scheme == "unix" ? address.AbsolutePath : null;

        // the daemon restarts and its socket with it: no connection is kept for long
        var handler = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5), UseProxy = false, AllowAutoRedirect = false, MaxConnectionsPerServer = MostAtOnce };
        if (socket is not null)
        {
            handler.ConnectCallback = ConnectAsync;
        }

        http = new HttpClient(handler)
        {
            BaseAddress = socket is null ? new Uri(address.GetLeftPart(UriPartial.Authority)) : new Uri("http://workload"),
            MaxResponseContentBufferSize = LargestAnswer,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Signs with the module's key; base64, as it goes into a token.</summary>
    /// <exception cref="WorkloadException">The same as for every call here.</exception>
    public async Task<string> SignAsync(ReadOnlyMemory<byte> data, CancellationToken token) =>
        (await PostAsync<SignRequest, SignAnswer>("sign", new SignRequest("primary", "HMACSHA256", Convert.ToBase64String(data.Span)), token)).Digest;

    /// <summary>Encrypts with a key of the device that only this generation of this module can use (AES-256-GCM): once the module's identity is made again nothing decrypts.</summary>
    /// <param name="initializationVector">Never the same twice: the cipher gives itself away then.</param>
    public async Task<byte[]> EncryptAsync(ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> initializationVector, CancellationToken token) => Bytes(
        (await PostAsync<EncryptRequest, EncryptAnswer>("encrypt", new EncryptRequest(Convert.ToBase64String(plaintext.Span), Convert.ToBase64String(initializationVector.Span)), token)).Ciphertext);

    /// <summary>Decrypts what <see cref="EncryptAsync"/> made.</summary>
    public async Task<byte[]> DecryptAsync(ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> initializationVector, CancellationToken token) => Bytes(
        (await PostAsync<DecryptRequest, DecryptAnswer>("decrypt", new DecryptRequest(Convert.ToBase64String(ciphertext.Span), Convert.ToBase64String(initializationVector.Span)), token)).Plaintext);

    /// <summary>Has a server certificate made under the device's CA, for this name and the module's id.</summary>
    public async Task<ServerCertificate> ServerCertificateAsync(string commonName, DateTimeOffset expiry, CancellationToken token)
    {
        var answer = await PostAsync<CertificateRequest, CertificateAnswer>("certificate/server", new CertificateRequest(commonName, expiry.UtcDateTime), token);
        return new ServerCertificate(answer.Certificate, answer.PrivateKey.Bytes, answer.Expiration);
    }

    /// <summary>The certificates to trust edgeHub by, as PEM; several are possible.</summary>
    public async Task<string> TrustBundleAsync(CancellationToken token) => (await SendAsync<BundleAnswer>(() => new HttpRequestMessage(HttpMethod.Get, "trust-bundle" + Version), token)).Certificate;

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        slots.Dispose();
    }

    private Task<TAnswer> PostAsync<TRequest, TAnswer>(string call, TRequest request, CancellationToken token) => SendAsync<TAnswer>(
        () => new HttpRequestMessage(HttpMethod.Post, $"{path}/{call}{Version}") { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, JsonSerializerOptions.Web)) { Headers = { { "Content-Type", "application/json" } } } },
        token);

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> make, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        await slots.WaitAsync(token);
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, either.Token);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, either.Token) ?? throw new JsonException("null")
                : throw await RefusalAsync(response, either.Token);
        }
        catch (OperationCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new WorkloadException(WorkloadFault.Failed, $"The workload API at {address} has not answered for {Patience.TotalSeconds} seconds.", e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException and not WorkloadException)
        {
            throw Explain(e);
        }
        finally
        {
            slots.Release();
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken token)
    {
        var connecting = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connecting.ConnectAsync(new UnixDomainSocketEndPoint(socket!), token);
            return new NetworkStream(connecting, ownsSocket: true);
        }
        catch
        {
            connecting.Dispose();
            throw;
        }
    }

    private WorkloadException Explain(Exception e) => (e.GetBaseException() as SocketException)?.SocketErrorCode switch
    {
        SocketError.AccessDenied => new(WorkloadFault.Failed, $"The socket of the workload API, {address}, may not be opened by the user of this process; run the module as the user that owns it.", e),
        { } when socket is not null && !File.Exists(socket) => new(WorkloadFault.Unreachable, $"The socket of the workload API, {address}, does not exist.", e),
        SocketError.ConnectionRefused => new(WorkloadFault.Unreachable, $"Nobody listens at the workload API, {address}: the runtime was restarted, and its socket is stale here.", e),
        { } error => new(WorkloadFault.Failed, $"The workload API at {address} cannot be reached ({error}).", e),
        null when e is JsonException => new(WorkloadFault.Failed, $"The workload API at {address} gave an answer that cannot be read.", e),
        null => new(WorkloadFault.Failed, $"The workload API at {address} ended the call without a usable answer.", e),
    };

    private async Task<WorkloadException> RefusalAsync(HttpResponseMessage response, CancellationToken token)
    {
        if (response.StatusCode == HttpStatusCode.Forbidden)
        {
            return new WorkloadException(WorkloadFault.Failed, $"The workload API at {address} does not take this process for module {module}; only the module's own container may call it.") { Status = (int)response.StatusCode };
        }

        var said = await response.Content.ReadAsStringAsync(token);
        return new WorkloadException(WorkloadFault.Failed, $"The workload API at {address} answered {(int)response.StatusCode}{Message(said)}.") { Status = (int)response.StatusCode };
    }

    private static string Message(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<ErrorAnswer>(body, JsonSerializerOptions.Web)?.Message is { Length: > 0 } message
                ? $": {new string([.. message.Where(c => !char.IsControl(c)).Take(200)]).TrimEnd('.')}"
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private byte[] Bytes(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw new WorkloadException(WorkloadFault.Failed, $"The workload API at {address} gave an answer that is not base64.", e);
        }
    }

    private sealed record SignRequest(string KeyId, string Algo, string Data);

    private sealed record SignAnswer([property: JsonRequired] string Digest);

    private sealed record EncryptRequest(string Plaintext, string InitializationVector);

    private sealed record EncryptAnswer([property: JsonRequired] string Ciphertext);

    private sealed record DecryptRequest(string Ciphertext, string InitializationVector);

    private sealed record DecryptAnswer([property: JsonRequired] string Plaintext);

    private sealed record CertificateRequest(string CommonName, DateTime Expiration);

    private sealed record CertificateAnswer([property: JsonRequired] KeyAnswer PrivateKey, [property: JsonRequired] string Certificate, DateTimeOffset Expiration);

    private sealed record KeyAnswer([property: JsonRequired] string Bytes);

    private sealed record BundleAnswer([property: JsonRequired] string Certificate);

    private sealed record ErrorAnswer(string? Message);
}
