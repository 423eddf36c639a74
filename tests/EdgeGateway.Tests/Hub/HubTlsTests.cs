using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using Hubstand;

namespace EdgeGateway.Tests.Hub;

/// <summary>Whom our client trusts, over TCP and over WebSocket.</summary>
public class HubTlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HubTransport.Tcp)]
    [InlineData(HubTransport.WebSocket)]
    internal async Task A_server_of_another_CA_is_told_as_such(HubTransport transport)
    {
        await using var bench = await HubBench.StartAsync();
        await using var other = await HubStand.StartAsync();
        await using var owner = bench.Owner(WithCa(bench, other.CaFile), settings: Settings(transport, Port(bench, transport))).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Equal("localhost shows a certificate of another CA than the ones that we trust", owner.Causes.Single());
        Assert.Empty(bench.Stand.Connected);
    }

    [Theory]
    [InlineData(HubTransport.Tcp)]
    [InlineData(HubTransport.WebSocket)]
    internal async Task A_server_that_is_another_host_is_told_as_such_though_its_CA_is_ours(HubTransport transport)
    {
        await using var bench = await HubBench.StartAsync();
        using var server = new TlsServer(await CertificateAsync(bench, "gateway-8"), "");
        await using var owner = bench.Owner(settings: Settings(transport, server.Port)).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Equal("localhost shows a certificate for another host name", owner.Causes.Single());
    }

    [Fact]
    public async Task A_server_without_the_hubs_WebSocket_path_is_told_as_such()
    {
        await using var bench = await HubBench.StartAsync();
        using var server = new TlsServer(await CertificateAsync(bench, "localhost"), "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        await using var owner = bench.Owner(settings: Settings(HubTransport.WebSocket, server.Port)).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Contains("404", owner.Causes.Single(), StringComparison.Ordinal);
        Assert.False(owner.Running.IsCompleted);
    }

    /// <summary>Over WebSocket .NET offers whatever versions the system lets it, but no cipher suite from before TLS 1.2.</summary>
    [Theory]
    [InlineData(HubTransport.Tcp, new[] { 0x0304, 0x0303 })]
    [InlineData(HubTransport.WebSocket, null)]
    internal async Task A_server_that_has_only_TLS_1_1_is_refused(HubTransport transport, int[]? versions)
    {
        const byte alert = 21, fatal = 2;
        await using var bench = await HubBench.StartAsync();
        using var server = new OldTlsServer();
        await using var owner = bench.Owner(settings: Settings(transport, server.Port)).Start();
        var (offered, reply) = await server.Met;
        Assert.Equal([alert, fatal], reply[..2]);
        Assert.Equal(versions ?? offered, offered);
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
    }

    [Theory]
    [InlineData(HubTransport.Tcp)]
    [InlineData(HubTransport.WebSocket)]
    internal async Task A_client_certificate_signs_in_without_a_token(HubTransport transport)
    {
        await using var bench = await HubBench.StartAsync();
        var (certificate, key) = bench.Stand.IssueCertificate(bench.Name);
        var (certFile, keyFile) = (Path.Combine(bench.Stand.DataFolder, "c.pem"), Path.Combine(bench.Stand.DataFolder, "c.key"));
        await File.WriteAllBytesAsync(certFile, Encoding.ASCII.GetBytes(certificate), Token);
        await File.WriteAllBytesAsync(keyFile, Encoding.ASCII.GetBytes(key), Token);
        var variables = new Dictionary<string, string>
        {
            ["EdgeHubConnectionString"] = $"HostName={bench.Stand.Options.HubHost};DeviceId=edge-1;ModuleId={HubBench.Module};x509=true;GatewayHostName=localhost",
        };
        await using var owner = bench.Owner(variables, settings: new HubSettings(transport, Port(bench, transport), bench.Stand.CaFile, certFile, keyFile)).Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1");
        Assert.Single(bench.Stand.Telemetry);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_certificates_of_a_bundle_are_trusted_wherever_the_right_one_stands(bool first)
    {
        await using var bench = await HubBench.StartAsync();
        await using var other = await HubStand.StartAsync();
        var file = Path.Combine(bench.Stand.DataFolder, "bundle.pem");
        await File.WriteAllBytesAsync(file, Encoding.ASCII.GetBytes(first ? $"{bench.Stand.CaPem}\n{other.CaPem}" : $"{other.CaPem}\n{bench.Stand.CaPem}"), Token);
        await using var owner = bench.Owner(WithCa(bench, file)).Start();
        await owner.ConnectedAsync();
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task A_CA_file_that_is_missing_or_empty_is_named_and_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        var file = Path.Combine(bench.Stand.DataFolder, "later.pem");
        await using var owner = bench.Owner(new Dictionary<string, string>(bench.Variables) { ["EdgeModuleCACertificateFile"] = file }, jitter: new Random(1)).Start();
        await Until.HoldsAsync(() => owner.Causes.Any(c => c.Contains(file, StringComparison.Ordinal)), "the file is named");
        await File.WriteAllBytesAsync(file, [], Token);
        await bench.PassUntilAsync(() => owner.Causes.Any(c => c.Contains("has no certificate", StringComparison.Ordinal)), "it is empty");
        File.Copy(bench.Stand.CaFile, file, overwrite: true);
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects once the file is there");
    }

    [Fact]
    public async Task The_bundle_is_fetched_once_as_long_as_TLS_does_not_fail()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var bench = await HubBench.StartAsync(o => o with { Log = log.Enqueue });
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        for (var i = 1; i <= 3; i++)
        {
            await owner.ConnectedAsync(times: i);
            bench.Stand.DisconnectAll();
        }

        await owner.ConnectedAsync(times: 4);
        Assert.Equal((1, 4), (log.Count(l => l.Contains("/trust-bundle", StringComparison.Ordinal)), log.Count(l => l.Contains("/sign", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_changed_CA_is_found_in_the_bundle_when_TLS_fails()
    {
        await using var bench = await HubBench.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(bench.Stand.DataFolder, "other")).FullName;
        File.Copy(Path.Combine(bench.Stand.DataFolder, "identities.json"), Path.Combine(folder, "identities.json"));
        await using var other = await HubStand.StartAsync(new HubStandOptions { DataFolder = folder });
        var variables = new Dictionary<string, string>(bench.Stand.ModuleEnvironment(HubBench.Module)) { ["IOTEDGE_WORKLOADURI"] = other.Workload(HubBench.Module).Uri };
        await using var owner = bench.Owner(variables).Start();
        await Until.HoldsAsync(() => owner.Causes.Any(c => c.Contains("another CA", StringComparison.Ordinal)), "the old bundle does not do");
        other.Workload(HubBench.Module).Stop();
        File.CreateSymbolicLink(other.Workload(HubBench.Module).Path, bench.Stand.Workload(HubBench.Module).Path);
        await bench.PassUntilAsync(() => owner.Connects == 1, "the new bundle does");
    }

    private static HubSettings Settings(HubTransport transport, int port) => new(transport, port, null, null, null);

    private static int Port(HubBench bench, HubTransport transport) => transport == HubTransport.Tcp ? bench.Stand.MqttPort : bench.Stand.WebSocketPort;

    private static Dictionary<string, string> WithCa(HubBench bench, string file) => new(bench.Variables) { ["EdgeModuleCACertificateFile"] = file };

    /// <summary>A server certificate of the stand-in's CA.</summary>
    private static async Task<X509Certificate2> CertificateAsync(HubBench bench, string host)
    {
        using var api = new WorkloadApi(new Uri(bench.Stand.Workload(HubBench.Module).Uri), HubBench.Module, bench.Stand.Register(bench.Name).GenerationId, TimeProvider.System);
        var made = await api.ServerCertificateAsync(host, TimeProvider.System.GetUtcNow().AddDays(1), Token);
        using var pem = X509Certificate2.CreateFromPem(made.Chain, made.Key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
