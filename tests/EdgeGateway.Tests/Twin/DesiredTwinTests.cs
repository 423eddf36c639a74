using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Twin;

namespace EdgeGateway.Tests.Twin;

public class DesiredTwinTests
{
    private readonly DesiredTwin twin = new();

    [Fact]
    public void The_next_version_is_merged_and_null_deletes()
    {
        twin.TakeWhole(Json("""{"$version":4,"a":{"x":1,"y":2},"b":3}"""));
        Assert.Equal(PatchResult.Merged, twin.TakePatch(Json("""{"$version":5,"a":{"x":null,"z":5},"b":null,"$metadata":{"$lastUpdated":"..."}}""")));
        Assert.Equal("""{"a":{"y":2,"z":5}}""", twin.Properties.ToJsonString());
        Assert.Equal(5, twin.Version);
    }

    [Theory]
    [InlineData("""{"$version":4,"b":9}""", PatchResult.Old)]
    [InlineData("""{"$version":3,"b":9}""", PatchResult.Old)]
    [InlineData("""{"$version":6,"b":9}""", PatchResult.Gap)]
    [InlineData("""{"b":9}""", PatchResult.Gap)]
    [InlineData("""{"$version":"5","b":9}""", PatchResult.Gap)]
    [InlineData("""[5]""", PatchResult.Gap)]
    [InlineData("", PatchResult.Gap)]
    [InlineData("""{"$version":5,"b":9,"b":8}""", PatchResult.Gap)]
    [InlineData("""{"$version":5,"b":"\uD800"}""", PatchResult.Gap)]
    public void What_does_not_follow_changes_nothing(string patch, PatchResult result)
    {
        twin.TakeWhole(Json("""{"$version":4,"b":3}"""));
        Assert.Equal(result, twin.TakePatch(TwinJson.Parse(Encoding.UTF8.GetBytes(patch))));
        Assert.Equal("""{"b":3}""", twin.Properties.ToJsonString());
    }

    [Fact]
    public void A_patch_before_anything_is_known_asks_for_the_whole() => Assert.Equal(PatchResult.Gap, twin.TakePatch(Json("""{"$version":1,"a":1}""")));

    [Fact]
    public void The_empty_twin_of_an_edgeHub_that_knows_nothing_removes_nothing()
    {
        twin.TakeWhole(Json("""{"$version":4,"b":3}"""));
        Assert.False(twin.TakeWhole([]));
        Assert.Equal("""{"b":3}""", twin.Properties.ToJsonString());
    }

    [Fact]
    public void A_whole_twin_of_a_lower_version_is_a_module_that_was_made_anew()
    {
        twin.TakeWhole(Json("""{"$version":40,"b":3}"""));
        Assert.True(twin.TakeWhole(Json("""{"$version":1,"c":1}""")));
        Assert.Equal(PatchResult.Merged, twin.TakePatch(Json("""{"$version":2,"d":1}""")));
        Assert.Equal("""{"c":1,"d":1}""", twin.Properties.ToJsonString());
    }

    [Fact]
    public void A_whole_twin_with_a_version_and_nothing_else_removes_everything()
    {
        twin.TakeWhole(Json("""{"$version":4,"b":3}"""));
        Assert.True(twin.TakeWhole(Json("""{"$version":5}""")));
        Assert.Empty(twin.Properties);
    }

    /// <summary>A server with numbered patches; each may be lost, repeated or late. A gap is answered by the whole. At the end, after one whole, the two agree; before, whatever is known is some version of the server's.</summary>
    [Fact]
    public void Whatever_is_lost_repeated_or_late_what_is_known_is_a_version_that_was()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.OneOf(Gen.Const((int?)null), Gen.Int[0, 9].Select(v => (int?)v)), Gen.Int[0, 5]);
        step.Array[1, 60].Sample(steps =>
        {
            var server = new List<JsonObject> { Json("""{"$version":1}""") };
            var patches = new List<JsonObject>();
            var local = new DesiredTwin();
            local.TakeWhole(server[0]);
            foreach (var (key, value, fate) in steps)
            {
                var patch = new JsonObject { ["$version"] = server.Count + 1, ["k"] = new JsonObject { [$"n{key}"] = value } };
                var whole = (JsonObject)server[^1].DeepClone();
                TwinJson.Merge(whole, patch);
                server.Add(whole);
                patches.Add(patch);
                var delivered = fate switch { 0 => [], 1 => [patch, patch], 2 => [patches[patches.Count / 2], patch], _ => new List<JsonObject> { patch } };
                foreach (var one in delivered)
                {
                    if (local.TakePatch((JsonObject)one.DeepClone()) == PatchResult.Gap)
                    {
                        local.TakeWhole(server[^1]);
                    }
                }

                Assert.True(JsonNode.DeepEquals(TwinJson.Own(server[(int)local.Version! - 1]), local.Properties));
            }
        });
    }

    [Fact]
    public void The_difference_of_two_objects_merged_into_the_first_gives_the_second() =>
        Gen.Select(Objects(2), Objects(2)).Sample((known, wanted) =>
        {
            var (from, to) = (Json(known), Json(wanted));
            var patch = TwinJson.Difference(from, to);
            TwinJson.Merge(from, patch);
            Assert.True(JsonNode.DeepEquals(from, to), $"{known} -> {wanted}: {patch.ToJsonString()}");
        });

    private static Gen<string> Objects(int depth) =>
        Gen.Select(Gen.Int[0, 4], depth == 0 ? Gen.Int[0, 2].Select(v => v.ToString(System.Globalization.CultureInfo.InvariantCulture)) : Gen.OneOf(Gen.Const("1"), Gen.Const("[1]"), Objects(depth - 1)))
            .Array[0, 4].Select(pairs => "{" + string.Join(",", pairs.DistinctBy(p => p.Item1).Select(p => $"\"n{p.Item1}\":{p.Item2}")) + "}");

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
