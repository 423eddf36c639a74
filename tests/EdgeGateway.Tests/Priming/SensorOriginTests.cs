using System.Collections.Immutable;
using CsCheck;
using EdgeGateway.Ingest;
using EdgeGateway.Priming;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Priming;

public class SensorOriginTests
{
    [Theory]
    [InlineData("plant/tank/level", null, "plant/tank/level", "plant/tank/level", "")]
    [InlineData("plant/#", null, "plant/a/b/c", "plant/a/b/c", "")]
    [InlineData("plant/{line}/pump/{pump}", "{line}/{pump}", "north/7", "plant/north/pump/7", "")]
    [InlineData("plant/{line}/pump/{pump}", "{line}/{pump}", "north/7/p", "plant/north/pump/7", "p", "p", "q")]
    [InlineData("plant/{line}/pump/{pump}", "{pump} of (line {line})", "7 of (line north)/p", "plant/north/pump/7", "p", "p")]
    [InlineData("tank", "the tank", "the tank/a/b", "tank", "a/b", "a/b")]
    public void A_sensor_id_is_told_back_to_its_topic_and_value(string topic, string? asset, string id, string expected, string value, params string[] values) =>
        Assert.Equal([new SensorOrigin(expected, value)], SensorOrigin.Of(id, Any.Source(topic, asset, values: values)).Distinct());

    [Theory]
    [InlineData("plant/{line}/pump/{pump}", "{pump}", "7")]
    [InlineData("plant/{line}/#", "{line}", "north")]
    [InlineData("plant/{line}/pump/{pump}", "{line}/{pump}", "north")]
    [InlineData("tank", null, "tank/p", "q")]
    public void An_id_that_does_not_say_its_topic_or_is_of_another_form_comes_from_nowhere(string topic, string? asset, string id, params string[] values) =>
        Assert.Empty(SensorOrigin.Of(id, Any.Source(topic, asset, values: values)));

    [Fact]
    public void An_id_that_can_be_read_in_two_ways_has_two_origins() =>
        Assert.Equal(
            ["plant/a-b/c", "plant/a/b-c"],
            SensorOrigin.Of("a-b-c", Any.Source("plant/{line}/{pump}", "{line}-{pump}")).Select(o => o.Topic).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("opc", null, "boiler/Pressure", "opc\0boiler")]
    [InlineData("opc/{site}", "{site}/{writer}", "x/boiler/Pressure", "opc/x\0boiler")]
    [InlineData("opc", "{publisher}:{writer}", "p1:boiler/Pressure", "opc\0boiler\0p1")]
    public void A_data_set_of_OPC_UA_is_told_back_to_its_writer(string topic, string? asset, string id, string expected)
    {
        var source = Any.Source(topic, asset) with { Payload = PayloadForm.OpcUa, Values = null, AllValues = true };
        Assert.Equal([new SensorOrigin(expected, "Pressure")], SensorOrigin.Of(id, source));
        Assert.Equal(id, new SourceMaps([source]).Bind(expected)!.IdOf("Pressure"));
    }

    [Fact]
    public void A_hub_input_is_its_own_topic()
    {
        var source = Any.Source(HubInput.TopicOf("readings"), values: "p") with { Input = "readings" };
        Assert.Equal([new SensorOrigin("$input/readings", "p")], SensorOrigin.Of("readings/p", source));
    }

    [Fact]
    public void Whatever_a_source_makes_of_a_topic_is_told_back_to_it() =>
        Gen.Select(
            Gen.Int[1, 4].SelectMany(count => Gen.OneOf(Of("a", "plant", "x.y"), Of("{u}", "{v}", "{w}")).Array[count]),
            Of<string?>(null, "{u}", "{u}/{v}", "{v}-{u}", "{u}{v}", "x({w})", "{u}/{v}/{w}", "fixed"),
            Of("1", "", "a-b", "{v}", "+x", "Ü").Array[4],
            Of("", "p", "p/q")).Sample((levels, template, texts, value) =>
            {
                if (!TopicPattern.TryParse(string.Join('/', levels), out var pattern, out _) || (template is not null && !pattern.TryCheckTemplate(template, out _)))
                {
                    return;
                }

                var source = Any.Source(pattern.ToString(), template, values: value.Length == 0 ? [] : [value]);
                var topic = string.Join('/', levels.Select((level, i) => level.StartsWith('{') ? texts[i] : level));
                var id = new SourceMaps([source]).Bind(topic)?.IdOf(value) ?? "";
                var origins = SensorOrigin.Of(id, source).ToImmutableArray();
                Assert.Equal(SensorOrigin.IsToldById(source), !origins.IsEmpty);
                Assert.True(origins.IsEmpty || origins.Length > 1 || origins[0] == new SensorOrigin(topic, value), $"{id} of {pattern} by {template} is {topic} and not {string.Join(", ", origins)}");
            });

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
