using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Ingest;

/// <summary>Several hops and several assets in one message: each is what a message of its own would be.</summary>
public sealed class OpcUaHopTests
{
    private static readonly SourceSettings Opc = Any.Source("opc") with { Payload = PayloadForm.OpcUa, AllValues = true };
    private readonly IngestBench bench = new(Opc);

    [Fact]
    public void The_hops_of_one_message_give_what_the_same_hops_give_one_by_one()
    {
        string[] hops = [Hop("a", 0, 1), Hop("b", 0, 2), Hop("a", 1, 3), Hop("a", 1, 3), Hop("b", -1, 4)];
        var alone = new IngestBench(Opc);
        var together = bench.Read("opc", $"[{string.Join(',', hops)}]");
        Assert.Equal(hops.SelectMany(h => alone.Read("opc", h)).Select(r => (r.Sensor.Id, r.Time, r.Value, r.LastOfMessage)), together.Select(r => (r.Sensor.Id, r.Time, r.Value, r.LastOfMessage)));
        Assert.Equal((1, 1), (bench.Accounting.Total("duplicate"), bench.Accounting.Total("late")));
    }

    [Fact]
    public void A_batch_that_comes_again_is_duplicate_as_a_whole_and_no_clock_that_was_set_back()
    {
        var batch = $"[{string.Join(',', Enumerable.Range(0, 30).Select(s => Hop("a", s, s)))}]";
        Assert.Equal(30, bench.Read("opc", batch, redelivered: true).Count);
        Assert.Empty(bench.Read("opc", batch, redelivered: true));
        Assert.Equal((30, 0), (bench.Accounting.Total("duplicate"), bench.Accounting.Total("late")));
    }

    [Fact]
    public void A_hop_that_repeats_old_values_beside_a_new_one_is_not_taken_for_one_that_came_before()
    {
        Assert.Equal(2, bench.Read("opc", Keyframe(0, 0), redelivered: true).Count);
        Assert.Equal(["a/new"], bench.Read("opc", Keyframe(0, 1), redelivered: true).Select(r => r.Sensor.Id));
    }

    [Fact]
    public void The_journal_brings_the_hops_back_one_by_one()
    {
        var arrived = bench.State.Take(Message($"[{Hop("a", 0, 1)},{Hop("b", 0, 2)},{Hop("a", 1, 3)}]"), []);
        using var batch = new JournalBatch();
        batch.Add(SensorMessage.AcknowledgedElsewhere, arrived);
        List<string> read = [];
        JournalBatch.Read(batch.Bytes.ToArray(), new SensorRegistry(bench.Settings), m => read.Add(string.Join(' ', m.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Sensor.Id}={r.Value}")))));
        Assert.Equal(["a/v=1", "b/v=2", "a/v=3"], read);
        Assert.Equal((1, 0L), (batch.Messages, batch.Through));
    }

    [Fact]
    public void A_message_without_a_number_leaves_what_may_be_acknowledged_as_it_is()
    {
        using var batch = new JournalBatch();
        batch.Add(7, []);
        batch.Add(SensorMessage.AcknowledgedElsewhere, []);
        Assert.Equal(7, batch.Through);
    }

    [Fact]
    public void Sensors_stay_under_other_limits_and_leave_with_the_name_of_their_asset_or_the_form_of_the_payload()
    {
        Assert.Empty(Leaving(Opc with { Criticality = Criticality.High }));
        Assert.Equal(["a/v"], Leaving(Opc with { Asset = "press {writer}" }));
        Assert.Equal(["a/v"], Leaving(Opc with { Asset = "{publisher}" }));
        Assert.Equal(["a/v"], Leaving(Opc with { Payload = PayloadForm.Json }));
        Assert.Equal(["a/v"], Leaving(Opc with { Topic = Any.Topic("other") }));
    }

    [Fact]
    public void A_sensor_of_a_publisher_is_put_back_from_its_origin_and_not_under_a_source_that_does_not_name_publishers()
    {
        var named = new IngestBench(Opc with { Asset = "{publisher}:{writer}" });
        var sensor = Assert.Single(named.Read("opc", $$"""{"PublisherId":"plc","Messages":[{{Hop("a", 0, 1)}}]}""")).Sensor;
        Assert.Equal("plc:a/v", sensor.Id);
        Assert.Equal("plc:a/v", new SensorRegistry(named.Settings).Restore(sensor.Topic, sensor.ValueName)!.Id);
        Assert.Null(new SensorRegistry(bench.Settings).Restore(sensor.Topic, sensor.ValueName));
    }

    [Fact]
    public void Held_back_hops_are_put_in_order_each_writer_by_itself()
    {
        var late = new IngestBench(Opc with { Lateness = TimeSpan.FromSeconds(2) });
        Assert.Empty(late.Read("opc", $"[{Hop("a", 1, 1)},{Hop("b", 9, 9)},{Hop("a", 0, 0)}]"));
        Assert.Equal([0.0, 1.0], late.Read("opc", Hop("a", 5, 5)).Select(r => r.Value));
    }

    [Fact]
    public void A_retained_message_is_counted_field_by_field_and_not_used()
    {
        Assert.Empty(bench.Read("opc", Keyframe(0, 1), retained: true));
        Assert.Equal(2, bench.Accounting.Total("retained"));
    }

    [Fact]
    public void A_status_that_is_not_good_does_not_last_into_the_next_message_nor_a_bad_quality_of_JSON_into_OPC_UA()
    {
        var json = Any.Source("json", null, "/ts", "p") with { Name = "json", Quality = new QualitySettings(Any.Pointer("/q"), ["good"]) };
        var settings = Any.Settings(Opc, json);
        var state = IngestState.Create(settings, new SensorRegistry(settings), new ClockState(bench.Clock, Any.Noon.AddYears(-1)), bench.Accounting, rejected: null);
        List<SensorReading> taken = [];
        state.Take(Message("""{"ts":1764000000,"p":1,"q":"bad"}""", "json"), taken);
        state.Take(Message(Hop("a", 0, 5)), taken);
        Assert.Equal([double.NaN, 5.0], taken.Select(r => r.Value));
    }

    [Fact]
    public void An_input_without_a_source_is_counted_as_a_topic_that_nobody_wants()
    {
        Assert.Empty(bench.Read("$input/other", Hop("a", 0, 1)));
        Assert.Equal([RejectReason.Topic], bench.Reasons);
    }

    [Fact]
    public void An_input_of_plain_JSON_names_its_asset_by_the_input()
    {
        var input = new IngestBench(Any.Source("$input/readings", null, "/ts", "p") with { Input = "readings" });
        Assert.Equal("readings/p", Assert.Single(input.Read("$input/readings", IngestBench.Payload(0, 1))).Sensor.Id);
    }

    private static IEnumerable<string> Leaving(SourceSettings source)
    {
        var fresh = new IngestBench(Opc);
        Assert.Single(fresh.Read("opc", Hop("a", 0, 1)));
        return fresh.State.Use(Any.Settings(source), Any.Noon, []).Cast<SensorForgotten>().Select(f => f.Sensor.Id);
    }

    private static SensorMessage Message(string payload, string topic = "opc") => new(1, topic, new(Encoding.UTF8.GetBytes(payload)), false, false, Any.Noon);

    private static string Hop(string writer, int second, int value) => new JsonObject
    {
        ["DataSetWriterName"] = writer,
        ["Timestamp"] = Any.Noon.AddSeconds(second),
        ["MessageType"] = "ua-deltaframe",
        ["Payload"] = new JsonObject { ["v"] = value },
    }.ToJsonString();

    private static string Keyframe(int oldSecond, int newSecond) => $$$"""
        {"DataSetWriterName":"a","Payload":{"old":{"Value":1,"SourceTimestamp":"{{{Any.Noon.AddSeconds(oldSecond):O}}}"},"new":{"Value":2,"SourceTimestamp":"{{{Any.Noon.AddSeconds(newSecond):O}}}"} } }
        """;
}
