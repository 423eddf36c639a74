using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Settings;
using EdgeGateway.Twin;
using Hubstand.Twins;

namespace EdgeGateway.Tests.Twin;

/// <summary>The limits of twins (note 2.5) at our end: what breaks one is refused in words where it matters, and never comes back in what we report.</summary>
public class TwinLimitsTests
{
    private static readonly string LongText = new('x', 4097);
    private readonly LayeredSettings layers = new([new SettingsLayer(Encoding.UTF8.GetBytes(Settings.SettingsSamples.Minimal), "site.json")]);

    public static TheoryData<string, string, string> Breaking => new()
    {
        { "sources", $$"""{ "{{new string('n', 1025)}}": { "topic": "t" } }""", "nnn" },
        { "sources", """{ "a\u0007b": { "topic": "t" } }""", "sources[\"a\\u0007b\"]" },
        { "sources", $$"""{ "a": { "topic": "{{LongText}}" } }""", "sources.a.topic has 4097 characters" },
        { "sources", """{ "a": { "topic": "t", "invalid": [1, null] } }""", "sources.a.invalid[1] is null" },
        { "sources", """{ "a": { "topic": "t", "states": [{ "text": "on", "value": null }] } }""", "sources.a.states[0].value is null" },
        { "broker", $$"""{ "host": "{{LongText}}" }""", "broker.host has 4097 characters" },
        { "storage", """{ "writeBudgetBytes": 9007199254740993 }""", "storage.writeBudgetBytes is 9007199254740993" },
        { "bounds", """{ "sensors": 99999999999999999999 }""", "bounds.sensors is 99999999999999999999" },
        { "detection", """{ "threshold": [[[[[[[[[[[1]]]]]]]]]]] }""", "detection.threshold is a list" },
        { "alerts", """{ "clearAfter": 5 }""", "alerts.clearAfter is" },
    };

    [Theory]
    [MemberData(nameof(Breaking))]
    public void Desired_values_beyond_a_limit_or_of_a_wrong_type_are_named_by_key_and_the_last_good_section_stays(string section, string value, string says)
    {
        var good = JsonNode.Parse(Settings.SettingsSamples.Full)![section]!;
        layers.Take(1, new JsonObject { [section] = good.DeepClone() });
        Assert.NotNull(layers.Take(2, new JsonObject { [section] = JsonNode.Parse(value) }).Settings);
        Assert.Equal((2, 400), (layers.Statuses[section].Version, layers.Statuses[section].Status));
        Assert.Contains(says, layers.Statuses[section].Error, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(good, layers.Good[section].Value));
    }

    [Fact]
    public void A_key_that_is_not_known_is_a_warning_however_deep_or_long_it_is()
    {
        var deep = Enumerable.Range(0, 11).Aggregate((JsonNode)1, (inner, _) => new JsonObject { ["a"] = inner });
        layers.Take(1, new JsonObject { ["detection"] = new JsonObject { ["threshold"] = 2, ["deep"] = deep, ["long"] = LongText } });
        Assert.Equal(new SectionStatus(1, 200, "detection.deep is not a known key; remove it. detection.long is not a known key; remove it."), layers.Statuses["detection"]);
    }

    [Theory]
    [InlineData("detection.threshold")]
    [InlineData("detection ")]
    [InlineData("a#")]
    [InlineData("a$b")]
    [InlineData("a\tb")]
    [InlineData("long")]
    public void A_section_whose_name_cannot_be_reported_is_named_by_the_status_of_the_whole(string name)
    {
        layers.Take(1, new JsonObject { [name == "long" ? new string('n', 1025) : name] = 1, ["alerts"] = new JsonObject() });
        Assert.Equal(["alerts", "twin"], layers.Statuses.Keys);
        Assert.Equal(200, layers.Statuses["twin"].Status);
        Assert.Contains(name == "long" ? "nnn" : "is not a known key", layers.Statuses["twin"].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_desired_the_statuses_keep_the_limits()
    {
        string[] names = ["sources", "detection", "broker", "alerts", "twin", "heartbeat", ".", "a b", "#", "\u0001", new('n', 1500), new('ü', 600)];
        var name = Gen.OneOf(Gen.Int[0, names.Length - 1].Select(i => names[i]), Gen.String[0, 20]);
        var leaf = Gen.OneOf(Gen.Const((JsonNode?)null), Gen.Long.Select(v => (JsonNode?)v), Gen.String[0, 30].Select(v => (JsonNode?)v), Gen.Const(LongText).Select(v => (JsonNode?)v));
        var inner = Gen.Dictionary(name, leaf)[0, 4].Select(Object);
        Gen.Dictionary(name, Gen.OneOf(leaf.Where(v => v is not null), inner.Select(o => (JsonNode?)o)))[0, 6].Select(Object).Sample(desired =>
        {
            var fresh = new LayeredSettings(layers.Site);
            fresh.Take(1, desired);
            Assert.Null(TwinRules.Check(new JsonObject(fresh.Statuses.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.ToJson())))));
        }, iter: 300);
    }

    private static JsonObject Object(Dictionary<string, JsonNode?> members) => new(members.Where(m => Whole(m.Key)).Select(m => KeyValuePair.Create(m.Key, Whole(m.Value?.ToString()) ? m.Value?.DeepClone() : null)));

    /// <summary>Half surrogate pairs never come out of JSON.</summary>
    private static bool Whole(string? text) => text is null || text.EnumerateRunes().All(r => r != Rune.ReplacementChar);
}
