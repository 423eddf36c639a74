using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public class HubEnvironmentTests
{
    private const string Key = "c2VjcmV0LXNlY3JldA==";
    private const string Text = $"HostName=north.azure-devices.net;DeviceId=edge-1;ModuleId=gw;SharedAccessKey={Key}";

    private static readonly Dictionary<string, string> Runtime = new()
    {
        ["IOTEDGE_WORKLOADURI"] = "unix:///var/run/iotedge/workload.sock",
        ["IOTEDGE_AUTHSCHEME"] = "SASTOKEN",
        ["IOTEDGE_MODULEGENERATIONID"] = "638",
        ["IOTEDGE_IOTHUBHOSTNAME"] = "north.azure-devices.net",
        ["IOTEDGE_GATEWAYHOSTNAME"] = "gateway-7",
        ["IOTEDGE_DEVICEID"] = "edge-1",
        ["IOTEDGE_MODULEID"] = "gw",
        ["IOTEDGE_APIVERSION"] = "2022-08-03",
    };

    [Fact]
    public void Without_any_variable_there_is_no_hub() =>
        Assert.Null(HubEnvironment.Read(new Dictionary<string, string> { ["PATH"] = "/bin", ["IOTEDGE_APIVERSION"] = "2022-08-03", ["EdgeHubConnectionString"] = " " }));

    [Fact]
    public void The_runtimes_variables_give_the_identity_and_the_gateway()
    {
        var read = HubEnvironment.Read(Runtime)!;
        Assert.Equal((new HubIdentity("north.azure-devices.net", "edge-1", "gw"), "gateway-7", null), (read.Identity, read.Host, read.CaFile));
        Assert.Equal(new HubCredential.Workload(new Uri("unix:///var/run/iotedge/workload.sock"), "638"), read.Credential);
    }

    [Fact]
    public void A_connection_string_wins_over_the_runtime_and_edgeHubs_over_the_hubs()
    {
        var read = HubEnvironment.Read(new Dictionary<string, string>(Runtime)
        {
            ["IotHubConnectionString"] = Text.Replace("gw", "second", StringComparison.Ordinal),
            ["EdgeHubConnectionString"] = Text + ";GatewayHostName=gateway-8",
            ["EdgeModuleCACertificateFile"] = "/certs/ca.pem",
        })!;
        Assert.Equal(("gw", "gateway-8", "/certs/ca.pem"), (read.Identity.Module, read.Host, read.CaFile));
        Assert.Equal(Convert.FromBase64String(Key), Assert.IsType<HubCredential.SharedKey>(read.Credential).Key.ToArray());
    }

    [Fact]
    public void Without_a_gateway_the_hub_itself_is_the_host_and_without_a_module_we_are_a_device()
    {
        var read = Read("HostName=north.azure-devices.net;deviceid=edge-1;sharedaccesskey=" + Key)!;
        Assert.Equal((new HubIdentity("north.azure-devices.net", "edge-1", null), "north.azure-devices.net"), (read.Identity, read.Host));
    }

    [Fact]
    public void With_x509_a_client_certificate_stands_in_for_the_key() =>
        Assert.IsType<HubCredential.Certificate>(Read("HostName=n.net;DeviceId=d;ModuleId=m;x509=true")!.Credential);

    [Theory]
    [InlineData("DeviceId=d;SharedAccessKey=" + Key, "has no HostName")]
    [InlineData("HostName=n.net;SharedAccessKey=" + Key, "has no DeviceId")]
    [InlineData("HostName=n.net;DeviceId=d", "has no SharedAccessKey")]
    [InlineData("HostName=n.net;DeviceId=d;SharedAccessKey=hunter2!", "is not base64")]
    [InlineData("HostName=n.net;DeviceId=d;hunter2", "not Name=Value")]
    [InlineData("HostName=n.net;DeviceId=d;DeviceId=e;SharedAccessKey=" + Key, "twice")]
    [InlineData("HostName=https://hunter2.net;DeviceId=d;SharedAccessKey=" + Key, "not a host name")]
    [InlineData("HostName=n.net;DeviceId=hunter2/x;SharedAccessKey=" + Key, "DeviceId in EdgeHubConnectionString has characters")]
    [InlineData("HostName=n.net;DeviceId=d;ModuleId=hunter2+;SharedAccessKey=" + Key, "ModuleId in EdgeHubConnectionString has characters")]
    [InlineData("HostName=n.net;DeviceId=d;GatewayHostName=hunter2:8883;SharedAccessKey=" + Key, "GatewayHostName")]
    public void A_bad_connection_string_is_one_sentence_that_names_the_variable_and_shows_nothing_of_it(string text, string sentence)
    {
        var message = Assert.Throws<FormatException>(() => Read(text)).Message;
        AssertSentence(message, "EdgeHubConnectionString", sentence);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IOTEDGE_WORKLOADURI", "ftp://hunter2", "unix://")]
    [InlineData("IOTEDGE_WORKLOADURI", "", "is missing")]
    [InlineData("IOTEDGE_AUTHSCHEME", "hunter2", "only sasToken")]
    [InlineData("IOTEDGE_MODULEGENERATIONID", "", "is missing")]
    [InlineData("IOTEDGE_IOTHUBHOSTNAME", "hunter2/x", "not a host name")]
    [InlineData("IOTEDGE_GATEWAYHOSTNAME", "", "is missing")]
    [InlineData("IOTEDGE_DEVICEID", "hunter2#", "characters")]
    [InlineData("IOTEDGE_MODULEID", "", "is missing")]
    public void A_bad_variable_of_the_runtime_is_one_sentence_that_names_it(string name, string value, string sentence)
    {
        var message = Assert.Throws<FormatException>(() => HubEnvironment.Read(new Dictionary<string, string>(Runtime) { [name] = value })).Message;
        AssertSentence(message, name, sentence);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    private static void AssertSentence(string message, string name, string part)
    {
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
    }

    private static HubEnvironment? Read(string text) => HubEnvironment.Read(new Dictionary<string, string> { ["EdgeHubConnectionString"] = text });
}
