using CsCheck;
using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public class HubTopicsTests
{
    private static readonly HubTopics Module = new(new HubIdentity("north.azure-devices.net", "edge-1", "gw"));
    private static readonly HubTopics Device = new(new HubIdentity("north.azure-devices.net", "edge-1", null));

    [Fact]
    public void The_user_name_has_the_hub_first_and_a_last_segment_that_edgeHub_takes()
    {
        Assert.Equal("north.azure-devices.net/edge-1/gw/?api-version=2021-04-12&DeviceClientType=EdgeGateway%2F1.2.3", Module.UserName("EdgeGateway/1.2.3"));
        Assert.True(global::Hubstand.Identities.UserName.TryParse(Module.UserName("EdgeGateway/1.2.3"), out var module, out _) && module.Identity.Module == "gw");
        Assert.True(global::Hubstand.Identities.UserName.TryParse(Device.UserName("EdgeGateway/1.2.3"), out var device, out _) && device.Identity.Module is null);
    }

    [Fact]
    public void Modules_and_devices_have_the_topics_of_the_contract()
    {
        Assert.Equal(("edge-1/gw", "devices/edge-1/modules/gw/messages/events/a=b", "devices/edge-1/modules/gw/inputs/#"), (Module.ClientId, Module.Events("a=b"), Module.Inputs));
        Assert.Equal(("edge-1", "devices/edge-1/messages/events/a=b", null), (Device.ClientId, Device.Events("a=b"), Device.Inputs));
        Assert.Equal("$iothub/twin/GET/?$rid=7f", HubTopics.TwinGet("7f"));
        Assert.Equal("$iothub/twin/PATCH/properties/reported/?$rid=7f", HubTopics.ReportedPatch("7f"));
        Assert.Equal("$iothub/methods/res/-3/?$rid=7f", HubTopics.MethodResponse(-3, "7f"));
        Assert.Equal(("$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#", "$iothub/methods/POST/#"), (HubTopics.TwinAnswers, HubTopics.Desired, HubTopics.Methods));
    }

    [Theory]
    [InlineData("$iothub/twin/res/200/?$rid=7f", true, 200, "7f")]
    [InlineData("$iothub/twin/res/204/?$rid=7f&$version=9", true, 204, "7f")]
    [InlineData("$iothub/twin/res/204/?$version=9&$rid=7%2Df", true, 204, "7%2Df")]
    [InlineData("$iothub/twin/res/204/?$rid=", false, 0, "")]
    [InlineData("$iothub/twin/res/-1/?$rid=7f", false, 0, "")]
    [InlineData("$iothub/twin/res/200", false, 0, "")]
    [InlineData("$iothub/twin/res/200/x/?$rid=7f", false, 0, "")]
    [InlineData("$iothub/twin/res/99999999999/?$rid=7f", false, 0, "")]
    public void An_answer_about_the_twin_is_read_with_its_request_id_undecoded(string topic, bool read, int status, string requestId)
    {
        Assert.Equal(read, HubTopics.TryReadAnswer(topic, out var seen, out var id));
        Assert.True(!read || (seen, id) == (status, requestId));
    }

    [Theory]
    [InlineData("$iothub/methods/POST/ping/?$rid=1", "ping", "1")]
    [InlineData("$iothub/methods/POST/a%20b/?$rid=x-1", "a b", "x-1")]
    [InlineData("$iothub/methods/POST/ping/?$rid=", null, "")]
    [InlineData("$iothub/methods/POST/ping", null, "")]
    [InlineData("$iothub/methods/POST//?$rid=1", null, "")]
    [InlineData("$iothub/methods/POST/ping/?$rid=a+b", null, "")]
    [InlineData("$iothub/methods/POST/ping/?$rid=a#", null, "")]
    public void A_method_is_read_if_it_can_be_answered(string topic, string? name, string requestId)
    {
        Assert.Equal(name is not null, HubTopics.TryReadMethod(topic, out var seen, out var id));
        Assert.True(name is null || (seen, id) == (name, requestId));
    }

    [Theory]
    [InlineData("devices/edge-1/modules/gw/inputs/readings/%24.cdid=edge-1&a=b%2Fc", "readings", "$.cdid=edge-1,a=b/c")]
    [InlineData("devices/edge-1/modules/gw/inputs/readings/", "readings", "")]
    [InlineData("devices/edge-1/modules/gw/inputs/readings", "readings", "")]
    [InlineData("devices/edge-1/modules/gw/inputs/", null, "")]
    [InlineData("devices/edge-1/modules/other/inputs/readings/", null, "")]
    public void An_input_is_read_with_its_properties(string topic, string? input, string properties)
    {
        Assert.Equal(input is not null, Module.TryReadInput(topic, out var seen, out var bag));
        Assert.True(input is null || (seen == input && string.Join(',', bag.Select(p => $"{p.Key}={p.Value}")) == properties));
    }

    [Fact]
    public void Reading_a_topic_never_throws() =>
        Gen.Select(Gen.OneOf(Gen.Const("$iothub/methods/POST/"), Gen.Const("$iothub/twin/res/"), Gen.Const("devices/edge-1/modules/gw/inputs/"), Gen.Const("")), Gen.String).Sample((prefix, rest) =>
        {
            HubTopics.TryReadAnswer(prefix + rest, out _, out _);
            HubTopics.TryReadMethod(prefix + rest, out _, out _);
            Module.TryReadInput(prefix + rest, out _, out _);
        });
}
