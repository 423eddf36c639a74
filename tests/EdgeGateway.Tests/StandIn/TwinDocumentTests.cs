using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Hubstand.Identities;
using Hubstand.Twins;

namespace EdgeGateway.Tests.StandIn;

/// <summary>Merging, limits and files of twins.</summary>
public class TwinDocumentTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"b":{"d":3}}""", """{"a":1,"b":{"c":2,"d":3}}""")]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"a":null,"b":{"c":null}}""", """{"b":{}}""")]
    [InlineData("""{"a":1}""", """{"a":{"x":null,"y":1}}""", """{"a":{"y":1}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[3]}""", """{"a":[3]}""")]
    public void A_patch_lays_its_members_over_and_null_removes(string before, string patch, string after)
    {
        var target = Object(before);
        TwinMerge.Apply(target, Object(patch));
        Assert.Equal(after, target.ToJsonString());
    }

    [Fact]
    public void The_difference_of_two_objects_makes_one_of_the_other() => Gen.Select(Properties(3), Properties(3)).Sample((from, to) =>
    {
        var target = (JsonObject)from.DeepClone();
        TwinMerge.Apply(target, TwinMerge.Difference(from, to));
        Assert.True(JsonNode.DeepEquals(to, target), $"{from} to {to} gave {target}");
    });

    [Theory]
    [InlineData("""{"a.b":1}""", "a.b")]
    [InlineData("""{"a b":1}""", "a b")]
    [InlineData("""{"$a":1}""", "$a")]
    [InlineData("""{"a#":1}""", "a#")]
    [InlineData("""{"a":{"b\u0001":1}}""", "/a")]
    [InlineData("""{"a":4503599627370496}""", "/a")]
    [InlineData("""{"a":-4503599627370497}""", "/a")]
    [InlineData("""{"a":99999999999999999999}""", "/a")]
    [InlineData("""{"a":[1,null]}""", "/a")]
    [InlineData("""{"a":[{"b":null}]}""", "/a")]
    [InlineData("""{"a":1,"a":2}""", "JSON")]
    [InlineData("[1]", "object")]
    [InlineData("{", "JSON")]
    public void What_breaks_a_limit_is_refused_with_its_place(string json, string says)
    {
        Assert.False(TwinRules.TryRead(Encoding.UTF8.GetBytes(json), out _, out var problem));
        Assert.Contains(says, problem);
    }

    [Theory]
    [InlineData("""{"a":4503599627370495,"b":-4503599627370496,"c":1e300,"d":null,"e":[],"f":[[1],{"g":2}]}""")]
    [InlineData("{}")]
    public void What_keeps_the_limits_is_taken(string json) => Assert.True(TwinRules.TryRead(Encoding.UTF8.GetBytes(json), out _, out _));

    [Fact]
    public void Ten_levels_below_the_root_are_taken_and_eleven_are_not()
    {
        Assert.Null(TwinRules.Check(Nested(10)));
        Assert.NotNull(TwinRules.Check(Nested(11)));
    }

    [Fact]
    public void Names_have_1024_bytes()
    {
        Assert.Null(TwinRules.Check(new JsonObject { [new string('ü', 512)] = 1 }));
        Assert.NotNull(TwinRules.Check(new JsonObject { [new string('ü', 513)] = 1 }));
    }

    [Fact]
    public void Texts_have_4096_bytes_and_all_together_32768()
    {
        Assert.Null(TwinRules.Check(new JsonObject { ["a"] = new string('x', 4096) }));
        Assert.NotNull(TwinRules.Check(new JsonObject { ["a"] = new string('x', 4097) }));
        Assert.Null(TwinRules.Check(Wide(7)));
        Assert.NotNull(TwinRules.Check(Wide(8)));
    }

    [Fact]
    public void Versions_and_properties_are_there_again_after_a_restart_and_a_deployment_replaces_them_once()
    {
        var folder = Directory.CreateTempSubdirectory("hubstand-twins-");
        try
        {
            var name = new IdentityName("d/e", "m");
            var store = new TwinStore(folder.FullName);
            store.Deploy(name, Object("""{"properties.desired":{"schema":1}}"""));
            store.ChangeDesired(name, Object("""{"a":1}"""), replace: false);
            store.PatchReported(name, Object("""{"r":1}"""));

            var again = new TwinStore(folder.FullName);
            again.Deploy(name, Object("""{"properties.desired":{"schema":1}}"""));
            Assert.Equal("""{"desired":{"schema":1,"a":1,"$version":2},"reported":{"r":1,"$version":2}}""", again.Read(name).ToJson().ToJsonString());
            again.Deploy(name, Object("""{"properties.desired":{"schema":1,"b":2}}"""));
            Assert.Equal("""{"schema":1,"b":2,"$version":3}""", again.Read(name).ToJson()["desired"]!.ToJsonString());
            again.Deploy(name, Object("""{"properties.desired.b":null,"properties.desired.c.d":4}"""));
            Assert.Equal("""{"schema":1,"c":{"d":4},"$version":4}""", again.Read(name).ToJson()["desired"]!.ToJsonString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonObject Nested(int levels) => Enumerable.Range(0, levels).Aggregate(new JsonObject(), (inner, _) => new JsonObject { ["a"] = inner });

    private static JsonObject Wide(int texts) => new(Enumerable.Range(0, texts).Select(i => KeyValuePair.Create($"t{i}", (JsonNode?)new string('x', 4096))));

    private static Gen<JsonObject> Properties(int levels)
    {
        var leaf = Gen.Int[0, 3].Select(n => (JsonNode)n);
        var value = levels == 0 ? leaf : Gen.OneOf(leaf, Properties(levels - 1).Select(o => (JsonNode)o));
        return Gen.Dictionary(Gen.Int[0, 4].Select(i => $"p{i}"), value)[0, 4].Select(d => new JsonObject(d.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.DeepClone()))));
    }
}
