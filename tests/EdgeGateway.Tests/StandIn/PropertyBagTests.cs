using CsCheck;
using Hubstand.Hub;
using Hubstand.Identities;

namespace EdgeGateway.Tests.StandIn;

/// <summary>edgeHub's verdicts on topics and property bags.</summary>
public class PropertyBagTests
{
    private const string Events = "devices/d/modules/m/messages/events/";

    [Theory]
    [InlineData("%24.on=alerts&a=b")]
    [InlineData("$.on=alerts&a=b")]
    [InlineData("%24.on=alerts&a=b/")]
    public void Names_and_values_are_read_escaped_or_plain_with_and_without_a_last_slash(string bag)
    {
        var topic = Assert.IsType<HubTopic.Telemetry>(HubTopic.Of(Events + bag));
        Assert.Equal(new IdentityName("d", "m"), topic.Sender);
        Assert.True(PropertyBag.TryParse(topic.Bag, out var properties));
        Assert.Equal("alerts", properties["$.on"]);
        Assert.Equal("b", properties["a"]);
    }

    [Fact]
    public void A_leading_question_mark_becomes_part_of_the_first_name()
    {
        Assert.True(PropertyBag.TryParse("?$.on=alerts", out var properties));
        Assert.Equal("alerts", Assert.Contains("?$.on", properties));
    }

    [Theory]
    [InlineData("a=b=")]
    [InlineData("a=b&")]
    [InlineData("&a=b")]
    [InlineData("=b")]
    public void An_equals_sign_within_a_value_and_an_empty_pair_are_lost(string bag) => Assert.False(PropertyBag.TryParse(bag, out _));

    [Fact]
    public void A_slash_within_a_value_matches_no_template() => Assert.IsType<HubTopic.Unknown>(HubTopic.Of(Events + "a=b/c=d"));

    [Fact]
    public void A_plus_is_no_blank_a_bare_name_has_no_value_and_the_last_of_two_counts()
    {
        Assert.True(PropertyBag.TryParse("a=1+2&b&c=&d=1&d=2", out var properties));
        Assert.Equal("1+2", properties["a"]);
        Assert.Null(properties["b"]);
        Assert.Equal("", properties["c"]);
        Assert.Equal("2", properties["d"]);
    }

    [Fact]
    public void What_is_written_is_read_again() => Gen.Dictionary(Gen.String[1, 20].Where(s => !s.Any(char.IsSurrogate)), Gen.String[0, 20].Where(s => !s.Any(char.IsSurrogate)))[0, 8].Sample(properties =>
    {
        var bag = PropertyBag.Write(properties.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)));
        Assert.DoesNotContain('/', bag);
        Assert.True(PropertyBag.TryParse(bag, out var read));
        Assert.Equal(properties.OrderBy(p => p.Key, StringComparer.Ordinal), read.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value!)));
    });

    [Fact]
    public void No_text_makes_the_parser_throw() => Gen.String.Sample(text =>
    {
        Assert.Equal(PropertyBag.TryParse(text, out var properties), properties is not null);
        Assert.NotNull(HubTopic.Of(text));
        Assert.NotNull(HubTopic.Of(Events + text));
    });

    [Theory]
    [InlineData("$iothub/twin/GET/?$rid=7f", "7f")]
    [InlineData("$iothub/twin/GET/?$rid=%41&x=1", "%41")]
    public void A_request_id_is_taken_as_it_stands(string topic, string id) => Assert.Equal(new HubTopic.TwinGet(id), HubTopic.Of(topic));

    [Theory]
    [InlineData("$iothub/twin/GET/?$rid=")]
    [InlineData("$iothub/twin/GET/")]
    [InlineData("$iothub/twin/PATCH/properties/reported/?rid=1")]
    [InlineData("$iothub/methods/res/200/?x=1")]
    public void A_request_without_an_id_is_told_apart(string topic) => Assert.IsType<HubTopic.WithoutRequestId>(HubTopic.Of(topic));
}
