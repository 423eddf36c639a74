using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using EdgeGateway.Tests.Storage;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Azurite, Microsoft's own stand-in for Azure Storage, with one container, over HTTPS and in memory. Its account and key are known to everybody.</summary>
public sealed partial class Azurite : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";
    private const string Container = "packages";
    private const string Version = "2021-12-02";
    private static readonly byte[] Key = Convert.FromBase64String("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");
    private static readonly string Modules = Path.Combine(SharedFolder.RepositoryRoot, "tests", "node", "node_modules");

    private readonly TempFolder folder = new();
    private readonly HttpClient http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Equals(RawServer.Certificate) });
    private Process? process;
    private Task<int>? port;

    /// <summary>The PEM of the only CA that signed for it.</summary>
    public string CaFile => folder.File("cert.pem");

    /// <summary>Starts it, unless it runs; skips the calling test where it is not installed.</summary>
    /// <returns>host:port.</returns>
    public async Task<string> StartedAsync()
    {
        var script = Path.Combine(Modules, "azurite", "dist", "src", "blob", "main.js");
        Assert.SkipUnless(File.Exists(script), "tests/node has no Azurite: npm ci --prefix tests/node brings it.");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(f => File.Exists(Path.Combine(f, "node"))), "node is not installed: Azurite runs in it.");
        return $"localhost:{await (port ??= StartAsync(script))}";
    }

    /// <summary>Stores a blob.</summary>
    public async Task PutAsync(string name, byte[] content)
    {
        using var put = new HttpRequestMessage(HttpMethod.Put, $"{Url(name)}?{AccountSas()}") { Content = new ByteArrayContent(content) };
        put.Headers.Add("x-ms-blob-type", "BlockBlob");
        using var answer = await http.SendAsync(put);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    /// <summary>Where a blob is.</summary>
    public Uri Url(string name) => new($"https://localhost:{port!.Result}/{Account}/{Container}/{name}");

    /// <summary>A signature that lets its bearer read the blobs of the container until then.</summary>
    public static string ContainerSas(DateTimeOffset expiry)
    {
        var se = expiry.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var signature = Sign($"r\n\n{se}\n/blob/{Account}/{Container}\n\n\nhttps\n{Version}\nc\n\n\n\n\n\n\n");
        return $"sv={Version}&spr=https&se={Uri.EscapeDataString(se)}&sr=c&sp=r&sig={signature}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        http.Dispose();
        folder.Dispose();
    }

    private static string AccountSas()
    {
        const string se = "2099-01-01T00:00:00Z";
        return $"sv={Version}&ss=b&srt=sco&sp=rwc&se={Uri.EscapeDataString(se)}&spr=https&sig={Sign($"{Account}\nrwc\nb\nsco\n\n{se}\n\nhttps\n{Version}\n\n")}";
    }

    private static string Sign(string text) => Uri.EscapeDataString(Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(text))));

    private async Task<int> StartAsync(string script)
    {
        await File.WriteAllTextAsync(CaFile, RawServer.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("key.pem"), RawServer.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        process = Process.Start(new ProcessStartInfo(
            "node",
            [script, "--inMemoryPersistence", "--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", "0", "--cert", CaFile, "--key", folder.File("key.pem")])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, listening) = (new ConcurrentQueue<string?>(), new TaskCompletionSource<int>());
        void Hear(string? line)
        {
            said.Enqueue(line);
            if (line is not null && Listens().Match(line) is { Success: true } listens)
            {
                listening.TrySetResult(int.Parse(listens.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }

        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Task.WhenAny(listening.Task, process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMinutes(2)));
        Assert.True(listening.Task.IsCompleted, $"Azurite does not listen: {string.Join('\n', said)}");
        var at = await listening.Task;
        using var created = await http.PutAsync(new Uri($"https://localhost:{at}/{Account}/{Container}?restype=container&{AccountSas()}"), null);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return at;
    }

    [GeneratedRegex("successfully listens on https://127.0.0.1:([0-9]+)")]
    private static partial Regex Listens();
}
