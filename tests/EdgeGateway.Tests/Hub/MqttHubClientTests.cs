using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>How our client connects, signs in and gives up.</summary>
public class MqttHubClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, HubEvent.RefusedNotAuthorized, "does not know the identity")]
    [InlineData(3, HubEvent.RefusedUnavailable, "not available")]
    public async Task A_refusal_is_told_and_tried_again_but_not_soon(int code, HubEvent refused, string cause)
    {
        await using var bench = await HubBench.StartAsync();
        (bench.Stand.Switches.RefuseConnects, bench.Stand.Switches.RefuseCode) = (2, code);
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "the refusal is told");
        Assert.Contains(cause, owner.Causes.Single(), StringComparison.Ordinal);
        await bench.PassAsync(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(1));
        Assert.Equal(1, bench.Stand.Counters[refused]);
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects in the end");
        Assert.Equal(2, bench.Stand.Counters[refused]);
        Assert.Single(owner.Causes);
    }

    [Fact]
    public async Task A_CONNACK_that_takes_fifty_seconds_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.ConnackDelay = TimeSpan.FromSeconds(50);
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects", TimeSpan.FromMilliseconds(500));
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task A_CONNACK_that_takes_longer_than_a_minute_is_given_up()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.ConnackDelay = TimeSpan.FromHours(1);
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => !owner.Causes.IsEmpty, "it is given up");
        Assert.Equal("the hub has not answered for 60 seconds", owner.Causes.Single());
    }

    [Fact]
    public async Task A_second_client_under_the_same_identity_is_named_and_then_tried_slowly()
    {
        await using var bench = await HubBench.StartAsync();
        await using var first = bench.Owner().Start();
        await using var second = bench.Owner().Start();
        await Until.HoldsAsync(() => first.Causes.Concat(second.Causes).Any(c => c.Contains("another client seems to connect under the same identity, edge-1/edgeGateway", StringComparison.Ordinal)), "the rival is named");
        await Until.HoldsAsync(() => bench.Stand.Connected.Count == 1, "one of them keeps off");
        var connects = bench.Stand.Counters[HubEvent.Connected];
        await bench.PassAsync(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(1));
        Assert.Equal(connects, bench.Stand.Counters[HubEvent.Connected]);
    }

    [Fact]
    public async Task A_refusal_under_a_clock_that_cannot_be_right_asks_for_the_clock()
    {
        await using var bench = await HubBench.StartAsync();
        var past = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var owner = bench.Owner(clock: past, clockIsSet: () => false).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Contains("our clock shows 1970-01-01 00:00 UTC, which cannot be: set the clock", owner.Causes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_CA_is_told_as_such()
    {
        await using var bench = await HubBench.StartAsync();
        await using var other = await HubStand.StartAsync();
        await using var owner = bench.Owner(new Dictionary<string, string>(bench.Variables) { ["EdgeModuleCACertificateFile"] = other.CaFile }).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Equal("localhost shows a certificate of another CA than the ones that we trust", owner.Causes.Single());
    }

    [Fact]
    public async Task A_server_that_is_another_host_is_told_as_such()
    {
        await using var bench = await HubBench.StartAsync();
        using var server = new OtherHost();
        await using var owner = bench.Owner(settings: new HubSettings(HubTransport.Tcp, server.Port, null, null, null)).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Equal("localhost shows a certificate for another host name", owner.Causes.Single());
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

    [Fact]
    public async Task A_client_certificate_signs_in_without_a_token()
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
        await using var owner = bench.Owner(variables, settings: new HubSettings(HubTransport.Tcp, bench.Stand.MqttPort, bench.Stand.CaFile, certFile, keyFile)).Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1");
        Assert.Single(bench.Stand.Telemetry);
    }

    [Fact]
    public async Task A_device_identity_sends_without_an_output_and_has_no_inputs()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(new Dictionary<string, string>(bench.Variables) { ["EdgeHubConnectionString"] = bench.Stand.ConnectionString(bench.Stand.NameOf(null)) }).Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1");
        Assert.Equal((bench.Stand.NameOf(null), null), (bench.Stand.Telemetry.Single().Sender, bench.Stand.Telemetry.Single().Output));
    }

    [Fact]
    public async Task A_stale_socket_of_the_workload_API_ends_the_run_after_a_few_attempts()
    {
        await using var bench = await HubBench.StartAsync();
        var variables = bench.Stand.ModuleEnvironment(HubBench.Module);
        bench.Stand.Workload(HubBench.Module).LeaveStale();
        await using var owner = bench.Owner(variables).Start();
        await bench.PassUntilAsync(() => owner.Running.IsFaulted, "the run ends");
        var unusable = await Assert.ThrowsAsync<HubUnusableException>(() => owner.Running);
        Assert.Contains("its socket is stale here, after 8 attempts", unusable.Message, StringComparison.Ordinal);
        Assert.Single(owner.Causes);
    }

    [Fact]
    public async Task A_workload_API_that_fails_otherwise_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        var variables = bench.Stand.ModuleEnvironment(HubBench.Module);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 403;
        await using var owner = bench.Owner(variables).Start();
        await bench.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));

        // a jump of the clock within a request looks like a workload API that is slow, so other causes may stand beside this one
        Assert.Contains(owner.Causes, cause => cause.Contains("does not take this process for module", StringComparison.Ordinal));
        Assert.Equal(0, owner.Connects);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 0;
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects");
    }

    [Fact]
    public async Task An_identity_that_is_disabled_and_enabled_again_connects_again()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Change(bench.Name, i => i with { Enabled = false });
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is refused");
        bench.Stand.Change(bench.Name, i => i with { Enabled = true });
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects");
    }

    [Fact]
    public async Task The_token_is_renewed_before_it_expires_and_no_send_fails()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        for (var sent = 0; sent < 1200; sent++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(10));
            await owner.SendAsync($"m.{sent}");
        }

        Assert.Equal(Enumerable.Range(0, 1200).Select(i => $"m.{i}"), bench.Stand.Telemetry.Select(m => m.Id));
        Assert.InRange(owner.Connects, 4, 5);
        Assert.Equal((0, 0), (bench.Stand.Counters[HubEvent.ClosedTokenExpired], owner.Causes.Count));
    }

    [Fact]
    public async Task While_no_new_token_can_be_had_the_connection_stays()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await owner.ConnectedAsync();
        bench.Stand.Workload(HubBench.Module).Faults.Status = 500;
        await bench.PassAsync(TimeSpan.FromMinutes(58), TimeSpan.FromSeconds(20));
        await owner.SendAsync("a.1");
        Assert.Equal(1, owner.Connects);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 0;
        await bench.PassUntilAsync(() => owner.Connects == 2, "it is renewed");
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task The_four_subscriptions_are_all_granted_over_and_over()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        for (var i = 1; i <= 3; i++)
        {
            await owner.ConnectedAsync(times: i);
            bench.Stand.DisconnectAll();
        }

        Assert.Equal((0, 0), (bench.Stand.Counters[HubEvent.SubscriptionRefused], bench.Stand.Counters[HubEvent.SubscriptionWithoutEffect]));
    }

    /// <summary>Speaks TLS with a certificate for another name, and nothing else.</summary>
    private sealed class OtherHost : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 certificate;

        public OtherHost()
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            using var made = new CertificateRequest("CN=gateway-8", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
            certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
            listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void Dispose()
        {
            listener.Dispose();
            certificate.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    using var tls = new SslStream(client.GetStream());
                    await Record.ExceptionAsync(() => tls.AuthenticateAsServerAsync(certificate));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // it was taken away
            }
        }
    }
}
