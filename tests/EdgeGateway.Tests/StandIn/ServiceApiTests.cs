using System.Net;
using System.Text.Json.Nodes;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Tests.StandIn;

/// <summary>The service side over HTTP.</summary>
public class ServiceApiTests
{
    [Fact]
    public async Task Twins_are_read_patched_and_replaced()
    {
        await using var stand = await HubStand.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stand.RestPort}") };
        await CallAsync(http, HttpMethod.Patch, "/twins/edge-1/modules/edgeGateway", """{"properties":{"desired":{"a":1,"b":2}}}""");
        await CallAsync(http, HttpMethod.Put, "/twins/edge-1/modules/edgeGateway", """{"properties":{"desired":{"b":3}}}""");
        var twin = await CallAsync(http, HttpMethod.Get, "/twins/edge-1/modules/edgeGateway");
        Assert.Equal("""{"b":3,"$version":3}""", twin["desired"]!.ToJsonString());
    }

    [Fact]
    public async Task A_method_is_invoked_and_telemetry_read_from_a_number_on()
    {
        await using var stand = await HubStand.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stand.RestPort}") };
        using var probe = await HubClientProbe.ConnectAsync(stand);
        var invoking = CallAsync(http, HttpMethod.Post, "/twins/edge-1/modules/edgeGateway/methods", """{"methodName":"ping","payload":[1],"responseTimeoutInSeconds":30}""");
        var (topic, _) = await probe.ReceivesAsync("$iothub/methods/POST/ping/");
        await probe.PublishAsync($"$iothub/methods/res/200/?$rid={topic.Split('=')[1]}", """{"ok":true}""");
        Assert.Equal("""{"status":200,"payload":{"ok":true}}""", (await invoking).ToJsonString());

        await probe.PublishAsync("devices/edge-1/modules/edgeGateway/messages/events/%24.on=alerts&%24.mid=1", """{"n":1}""");
        await probe.PublishAsync("devices/edge-1/modules/edgeGateway/messages/events/%24.on=alerts&%24.mid=2", "no JSON");
        var after = (await CallAsync(http, HttpMethod.Get, "/telemetry?after=1")).AsArray();
        Assert.Equal(("2", Convert.ToBase64String("no JSON"u8)), (after.Single()!["id"]!.GetValue<string>(), after.Single()!["body"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Switches_are_set_by_name_and_inputs_and_identities_are_made()
    {
        await using var stand = await HubStand.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stand.RestPort}") };
        await CallAsync(http, HttpMethod.Post, "/switches", """{"losePubAcks":3,"connackDelay":"00:00:05","offline":true}""");
        Assert.Equal((3, TimeSpan.FromSeconds(5), true), (stand.Switches.LosePubAcks.Left, stand.Switches.ConnackDelay, stand.Switches.Offline));
        await CallAsync(http, HttpMethod.Post, "/workload/edgeGateway", """{"status":403}""");
        Assert.Equal(403, stand.Workload("edgeGateway").Faults.Status);
        var made = await CallAsync(http, HttpMethod.Post, "/devices/edge-1/modules/second");
        Assert.Equal("second", made["environment"]!["IOTEDGE_MODULEID"]!.GetValue<string>());
        Assert.Contains("ModuleId=second;", made["connectionString"]!.GetValue<string>());
        await http.PostAsync("/devices/edge-1/modules/second/inputs/readings?a=b", new StringContent("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(1, stand.WaitingInputs("second"));
        Assert.True((await CallAsync(http, HttpMethod.Delete, "/devices/edge-1/modules/second"))["deleted"]!.GetValue<bool>());
        Assert.Empty((await CallAsync(http, HttpMethod.Get, "/connections")).AsArray());
        Assert.Empty((await CallAsync(http, HttpMethod.Get, "/counters")).AsObject());
    }

    [Theory]
    [InlineData("PATCH", "/twins/edge-1/modules/edgeGateway", "{}", "properties")]
    [InlineData("PATCH", "/twins/edge-1/modules/edgeGateway", "[", "")]
    [InlineData("PATCH", "/twins/edge-1/modules/edgeGateway", """{"properties":{"desired":{"a.b":1}}}""", "a.b")]
    [InlineData("POST", "/twins/edge-1/modules/edgeGateway/methods", "{}", "methodName")]
    [InlineData("POST", "/twins/edge-1/modules/edgeGateway/methods", """{"methodName":"a","responseTimeoutInSeconds":1}""", "5 to 300")]
    [InlineData("POST", "/switches", """{"unknown":1}""", "unknown")]
    [InlineData("POST", "/switches", """{"offline":"maybe"}""", "")]
    [InlineData("POST", "/workload/edgeGateway/explode", "", "explode")]
    [InlineData("GET", "/telemetry?after=x", "", "")]
    public async Task What_cannot_be_used_is_answered_with_400_and_a_sentence(string method, string path, string body, string says)
    {
        await using var stand = await HubStand.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stand.RestPort}") };
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body) };
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(says, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Everything_is_there_again_after_a_restart_in_the_same_folder()
    {
        var folder = Directory.CreateTempSubdirectory("hubstand-data-");
        try
        {
            string key, ca;
            await using (var first = await HubStand.StartAsync(new() { DataFolder = folder.FullName }))
            {
                (key, ca) = (first.Register(first.NameOf("edgeGateway")).PrimaryKey, first.CaPem);
                first.PatchDesired(first.NameOf("edgeGateway"), new JsonObject { ["a"] = 1 });
            }

            await using var second = await HubStand.StartAsync(new() { DataFolder = folder.FullName });
            Assert.Equal((key, ca), (second.Register(second.NameOf("edgeGateway")).PrimaryKey, second.CaPem));
            Assert.Equal(1, second.Twin(second.NameOf("edgeGateway"))["desired"]!["a"]!.GetValue<int>());
            using var probe = await HubClientProbe.ConnectAsync(second);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_port_in_use_and_a_manifest_that_is_none_are_told_at_the_start()
    {
        await using var stand = await HubStand.StartAsync();
        Assert.Contains(stand.MqttPort.ToString(System.Globalization.CultureInfo.InvariantCulture), (await Assert.ThrowsAnyAsync<IOException>(() => HubStand.StartAsync(new() { MqttPort = stand.MqttPort }))).Message);
        await Assert.ThrowsAsync<InvalidDataException>(() => HubStand.StartAsync(new() { Manifest = "{}" }));
    }

    [Fact]
    public async Task Every_switch_and_counter_is_in_the_documentation()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "development.md"), TestContext.Current.CancellationToken);
        var names = typeof(Switches).GetProperties().Concat(typeof(Hubstand.Workload.WorkloadFaults).GetProperties()).Select(p => p.Name).Concat(Enum.GetNames<HubEvent>());
        Assert.All(names, name => Assert.Contains($"`{char.ToLowerInvariant(name[0])}{name[1..]}`", text));
    }

    private static async Task<JsonNode> CallAsync(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body) };
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
