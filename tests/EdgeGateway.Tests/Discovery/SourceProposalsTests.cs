using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Discovery;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Discovery;

public sealed class SourceProposalsTests
{
    private readonly SourceProposals proposals = new();
    private DateTimeOffset now = Any.Noon;

    [Fact]
    public void Topics_of_one_form_become_one_source_whose_differing_levels_have_names()
    {
        foreach (var (line, pump) in new[] { (1, 1), (1, 2), (2, 1) })
        {
            Add($"plant/line/{line}/pump/p{pump}", """{"ts":"2026-11-24T12:00:00Z","p":4.5,"inner":{"flow":1},"name":"x"}""");
        }

        Assert.Equal("""{"plant-line-pump":{"topic":"plant/line/{line}/pump/{pump}","values":{"flow":"/inner/flow","p":"/p"},"time":"/ts"}}""", Proposed());
    }

    [Fact]
    public void Topics_of_other_forms_or_depths_are_other_sources()
    {
        Add("plant/p1", """{"v":1}""");
        Add("plant/p2", """{"v":1}""");
        Add("plant/tank/level", "4.5");
        Assert.Equal("""{"plant":{"topic":"plant/{plant}","values":{"v":"/v"}},"plant-tank-level":{"topic":"plant/tank/level"}}""", Proposed());
    }

    [Fact]
    public void What_would_overlap_stays_topic_by_topic()
    {
        Add("a/x", """{"v":1}""");
        Add("a/y", """{"v":1}""");
        Add("a/z", "5");
        Assert.Equal("""{"a-x":{"topic":"a/x","values":{"v":"/v"}},"a-y":{"topic":"a/y","values":{"v":"/v"}},"a-z":{"topic":"a/z"}}""", Proposed());
    }

    [Fact]
    public void A_number_is_a_time_only_when_it_is_about_now()
    {
        Add("a", $$"""{"time":{{Any.Noon.ToUnixTimeMilliseconds()}},"count":1234567890123,"v":1}""");
        Assert.Equal("""{"a":{"topic":"a","values":{"count":"/count","v":"/v"},"time":"/time"}}""", Proposed());
    }

    [Fact]
    public void Values_that_are_not_in_every_message_are_values_and_times_that_are_not_are_none()
    {
        Add("a", """{"at":"2026-11-24T12:00:00Z","v":1}""");
        Add("a", """{"w":1}""");
        Assert.Equal("""{"a":{"topic":"a","values":{"v":"/v","w":"/w"}}}""", Proposed());
    }

    [Fact]
    public void Many_values_are_every_top_level_number_and_equal_names_are_told_apart()
    {
        Add("many", new JsonObject(Enumerable.Range(0, 17).Select(i => KeyValuePair.Create<string, JsonNode?>($"v{i}", i))).ToJsonString());
        Add("twice", """{"a":{"v":1},"b":{"v":2}}""");
        Assert.Equal("""{"many":{"topic":"many","values":"*"},"twice":{"topic":"twice","values":{"a-v-1":"/a/v","b-v-2":"/b/v"}}}""", Proposed());
    }

    [Fact]
    public void OPC_UA_is_recognised_and_gateways_rubbish_and_texts_are_left_out()
    {
        Add("opc/line1", """{"MessageType":"ua-data","Messages":[]}""");
        Add("edgegateway/north/events", """{"v":1}""");
        Add("rubbish", "{");
        Add("text", "\"5\"");
        Add("plant/{pump}", "1");
        Assert.Equal("""{"opc-line1":{"topic":"opc/line1","payload":"opcUa"}}""", Proposed());
        Assert.Equal(["rubbish", "text", "plant/{pump}"], proposals.Unusable);
    }

    [Fact]
    public void How_often_a_sensor_sends_is_seen()
    {
        for (var i = 0; i < 5; i++)
        {
            Add("a", "1");
            now += TimeSpan.FromSeconds(10);
        }

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(Assert.Single(proposals.Propose()).Topics).Step);
    }

    [Fact]
    public void Whatever_comes_the_proposal_can_be_used()
    {
        var level = Settings.Any.Of("a", "b", "line-1", "é ü", "{x}", "", "$x", "1", "+", "#");
        var payload = Settings.Any.Of("1", "x", "{}", """{"v":1}""", """{"v":1,"ts":"2026-11-24T12:00:00Z"}""", """{"a/b":{"~c":2}}""", """{"":1,"{v}":2}""", """{"MessageType":"ua-data"}""", "[1]", "null", "{\"a\u0001\":1}");
        Gen.Select(level.Array[1, 4], payload).Array[1, 30].Sample(messages =>
        {
            var all = new SourceProposals();
            foreach (var (levels, body) in messages)
            {
                all.Add(string.Join('/', levels), new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), Any.Noon);
            }

            var sources = new JsonObject(all.Propose().Select(s => KeyValuePair.Create<string, JsonNode?>(s.Name, s.Source.DeepClone())));
            var read = SettingsReader.Read(Encoding.UTF8.GetBytes(new JsonObject { ["schema"] = 1, ["gateway"] = "g", ["broker"] = new JsonObject { ["host"] = "h" }, ["sources"] = sources }.ToJsonString()), "it");
            Assert.True(sources.Count == 0 || read.PassesCheck, $"{sources.ToJsonString()}: {string.Join(' ', read.Errors.Concat(read.UnknownKeys))}");
        });
    }

    private void Add(string topic, string payload) => proposals.Add(topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), now);

    private string Proposed() => new JsonObject(proposals.Propose().Select(s => KeyValuePair.Create<string, JsonNode?>(s.Name, s.Source))).ToJsonString();
}
