using EdgeGateway.Mqtt;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;

namespace EdgeGateway.Tests.Mqtt;

public class MqttWillTests
{
    private readonly Accounting accounting = new();
    private readonly MqttWill will;

    public MqttWillTests() => will = new MqttWill("status", [1], accounting, NullLogger.Instance);

    [Fact]
    public void A_broker_that_may_have_refused_us_for_the_will_gets_a_connection_without_it_and_the_next_one_with_it_again()
    {
        Assert.Equal(("status", true), Next());
        will.Refused(MqttClientConnectResultCode.NotAuthorized);
        Assert.Equal((null, false), Next());
        will.Accepted();
        Assert.Equal(1, accounting.Of("status.no_will").Value);
        Assert.Equal(("status", true), Next());
    }

    [Fact]
    public void A_broker_that_refuses_us_for_something_else_sees_the_will_again_and_nothing_is_counted()
    {
        will.Refused(MqttClientConnectResultCode.NotAuthorized);
        will.Refused(MqttClientConnectResultCode.NotAuthorized);
        Assert.Equal(("status", true), Next());
        will.Refused(MqttClientConnectResultCode.ServerBusy);
        Assert.Equal(("status", true), Next());
        will.Accepted();
        Assert.Equal(0, accounting.Of("status.no_will").Value);
    }

    [Fact]
    public void A_broker_without_retained_messages_keeps_a_will_that_is_not_retained()
    {
        will.Refused(MqttClientConnectResultCode.RetainNotSupported);
        Assert.Equal(("status", false), Next());
    }

    private (string? Topic, bool Retained) Next()
    {
        var builder = new MqttClientOptionsBuilder().WithTcpServer("localhost");
        will.AddTo(builder);
        var options = builder.Build();
        return (options.WillTopic, options.WillRetain);
    }
}
