using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Hubstand;
using Hubstand.Workload;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.StandIn;

/// <summary>The workload API on its socket, spoken to byte by byte.</summary>
public class WorkloadTests
{
    private const string Version = "api-version=2018-06-28";

    [Fact]
    public async Task A_request_with_bare_line_feeds_is_answered_with_a_length_and_never_in_chunks()
    {
        await using var stand = await HubStand.StartAsync();
        var answer = await RawWorkload.SendAsync(stand.Workload("edgeGateway"), $"GET /trust-bundle?{Version} HTTP/1.1\nHost: workload\nConnection: keep-alive\n\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
        Assert.Contains("content-length: ", answer);
        Assert.DoesNotContain("chunked", answer);
        Assert.Equal(stand.CaPem, Body(answer)["certificate"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_signature_is_that_of_the_modules_own_key()
    {
        await using var stand = await HubStand.StartAsync();
        var identity = stand.Register(stand.NameOf("edgeGateway"));
        var answer = await PostAsync(stand, "sign", $$"""{"keyId":"primary","algo":"HMACSHA256","data":"{{Base64("text")}}"}""");
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(identity.PrimaryKey), "text"u8)), Body(answer)["digest"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_was_encrypted_is_decrypted_with_the_same_vector_until_the_module_is_made_again()
    {
        await using var stand = await HubStand.StartAsync();
        var ciphertext = Body(await PostAsync(stand, "encrypt", $$"""{"plaintext":"{{Base64("secret")}}","initializationVector":"{{Base64("vector-of-12")}}"}"""))["ciphertext"]!.GetValue<string>();
        string Decrypt(string vector) => $$"""{"ciphertext":"{{ciphertext}}","initializationVector":"{{Base64(vector)}}"}""";
        Assert.Equal(Base64("secret"), Body(await PostAsync(stand, "decrypt", Decrypt("vector-of-12")))["plaintext"]!.GetValue<string>());
        Assert.StartsWith("HTTP/1.1 500", await PostAsync(stand, "decrypt", Decrypt("other-vector")));
        stand.Delete(stand.NameOf("edgeGateway"));
        Assert.StartsWith("HTTP/1.1 500", await PostAsync(stand, "decrypt", Decrypt("vector-of-12")));
    }

    [Fact]
    public async Task A_server_certificate_is_signed_by_the_CA_and_names_host_and_module()
    {
        await using var stand = await HubStand.StartAsync();
        var answer = await PostAsync(stand, "certificate/server", """{"commonName":"gateway-host"}""");
        Assert.StartsWith("HTTP/1.1 201", answer);
        using var certificate = X509Certificate2.CreateFromPem(Body(answer)["certificate"]!.GetValue<string>(), Body(answer)["privateKey"]!["bytes"]!.GetValue<string>());
        Assert.True(certificate.MatchesHostname("gateway-host"));
        Assert.True(certificate.MatchesHostname("edgeGateway"));
        Assert.Equal("key", Body(answer)["privateKey"]!["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("GET /trust-bundle HTTP/1.1", 400)]
    [InlineData("GET /trust-bundle?api-version=1999 HTTP/1.1", 400)]
    [InlineData("GET /manifest-trust-bundle?api-version=2018-06-28 HTTP/1.1", 200)]
    [InlineData("GET /modules?api-version=2018-06-28 HTTP/1.1", 200)]
    [InlineData("GET /elsewhere?api-version=2018-06-28 HTTP/1.1", 404)]
    [InlineData("POST /modules/other/genid/1/sign?api-version=2018-06-28 HTTP/1.1", 403)]
    [InlineData("POST /modules/edgeGateway/genid/1/sign?api-version=2018-06-28 HTTP/1.1", 404)]
    [InlineData("POST /modules/edgeGateway/certificate/identity?api-version=2018-06-28 HTTP/1.1", 201)]
    [InlineData("nonsense", 400)]
    public async Task Each_request_has_its_status(string first, int status)
    {
        await using var stand = await HubStand.StartAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", await RawWorkload.SendAsync(stand.Workload("edgeGateway"), first + "\r\nHost: w\r\n\r\n"));
    }

    [Fact]
    public async Task A_body_without_data_is_refused_in_a_sentence()
    {
        await using var stand = await HubStand.StartAsync();
        Assert.Contains("data is missing", Body(await PostAsync(stand, "sign", "{}"))["message"]!.GetValue<string>());
        Assert.StartsWith("HTTP/1.1 400", await PostAsync(stand, "sign", "["));
    }

    [Fact]
    public async Task The_eleventh_request_at_a_time_is_cut_without_an_answer()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await HubStand.StartAsync(new() { Clock = clock });
        var workload = stand.Workload("edgeGateway");
        workload.Faults.Delay = TimeSpan.FromSeconds(5);
        var asking = Enumerable.Range(0, 11).Select(_ => RawWorkload.SendAsync(workload, $"GET /trust-bundle?{Version} HTTP/1.1\r\n\r\n")).ToList();
        Assert.Equal("", await await Task.WhenAny(asking));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(10, (await Task.WhenAll(asking)).Count(answer => answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_can_refuse_answer_in_single_bytes_go_stale_and_come_back()
    {
        await using var stand = await HubStand.StartAsync();
        var workload = stand.Workload("edgeGateway");
        workload.Faults.Status = 403;
        workload.Faults.Trickle = true;
        Assert.StartsWith("HTTP/1.1 403 ", await RawWorkload.SendAsync(workload, $"GET /trust-bundle?{Version} HTTP/1.1\r\n\r\n"));
        workload.LeaveStale();
        Assert.True(File.Exists(workload.Path));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => RawWorkload.SendAsync(workload, "GET / HTTP/1.1\r\n\r\n"))).SocketErrorCode);
        workload.Start();
        workload.Faults.Status = 0;
        Assert.StartsWith("HTTP/1.1 200 ", await RawWorkload.SendAsync(workload, $"GET /trust-bundle?{Version} HTTP/1.1\r\n\r\n"));
        workload.Deny(denied: true);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(workload.Path) == UnixFileMode.None);
        workload.Stop();
        Assert.False(File.Exists(workload.Path));
    }

    [Fact]
    public async Task A_data_folder_whose_path_is_too_long_for_a_socket_does_no_harm()
    {
        var folder = Directory.CreateTempSubdirectory(new string('x', 120));
        try
        {
            await using var stand = await HubStand.StartAsync(new() { DataFolder = folder.FullName });
            Assert.StartsWith("HTTP/1.1 200 ", await RawWorkload.SendAsync(stand.Workload("edgeGateway"), $"GET /trust-bundle?{Version} HTTP/1.1\r\n\r\n"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<string> PostAsync(HubStand stand, string call, string body)
    {
        var generation = stand.ModuleEnvironment("edgeGateway")["IOTEDGE_MODULEGENERATIONID"];
        return RawWorkload.SendAsync(stand.Workload("edgeGateway"), $"POST /modules/edgeGateway/genid/{generation}/{call}?{Version} HTTP/1.1\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static JsonNode Body(string answer) => JsonNode.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])!;
}
