using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Ingest;

public class ChangedSettingsTests
{
    private static readonly SourceSettings Pumps = Any.Source("plant/{pump}", null, "/ts", "p", "q");
    private readonly IngestBench bench = new(Pumps);

    [Fact]
    public void A_sensor_whose_unit_limits_or_criticality_change_stays_the_same_sensor()
    {
        var sensor = Taken("plant/a", 0)[0].Sensor;
        var changed = Pumps with { Criticality = Criticality.High, Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("p", new ValueRange(0, 1)) };
        Assert.Empty(Use(changed));
        Assert.Same(sensor, Taken("plant/a", 1)[0].Sensor);
        Assert.Equal(new ValueRange(0, 1), sensor.Range);
        Assert.Same(changed, sensor.Source);
    }

    [Fact]
    public void A_sensor_leaves_with_its_topic_its_value_its_place_in_the_payload_its_name_and_its_sampling()
    {
        Assert.Equal(["plant/a/p", "plant/a/q"], Leaving(Any.Source("other/{pump}", null, "/ts", "p", "q")));
        Assert.Equal(["plant/a/q"], Leaving(Any.Source("plant/{pump}", null, "/ts", "p")));
        Assert.Equal(["plant/a/p"], Leaving(Pumps with { Values = [new ValueMapping("p", Any.Pointer("/x")), new ValueMapping("q", Any.Pointer("/q"))] }));
        Assert.Equal(["plant/a/p", "plant/a/q"], Leaving(Pumps with { Asset = "pump {pump}" }));
        Assert.Equal(["plant/a/p", "plant/a/q"], Leaving(Pumps with { Sample = TimeSpan.FromSeconds(10) }));
    }

    [Fact]
    public void A_source_that_is_renamed_or_whose_filter_grows_keeps_its_sensors()
    {
        Assert.Empty(Leaving(Pumps with { Name = "wells" }));
        Assert.Empty(Leaving(Any.Source("{hall}/{pump}", null, "/ts", "p", "q")));
    }

    [Fact]
    public void Readings_of_a_source_that_came_are_taken_and_those_of_one_that_went_are_rejected_by_topic()
    {
        Taken("plant/a", 0);
        Use(Any.Source("hall/{pump}", null, "/ts", "p"));
        Assert.Equal("hall/b/p", Taken("hall/b", 1)[0].Sensor.Id);
        Assert.Empty(Taken("plant/a", 1));
        Assert.Equal(RejectReason.Topic, bench.Reasons.Last());
    }

    [Fact]
    public void What_was_held_back_of_a_sensor_that_leaves_goes_on_before_it_is_forgotten()
    {
        var late = new IngestBench(Pumps with { Lateness = TimeSpan.FromMinutes(1) });
        late.Read("plant/a", Payload(1));
        late.Read("plant/a", Payload(0));
        List<SensorReading> taken = [];
        late.State.Use(Any.Settings(Any.Source("other", null, "/ts", "p")), Any.Noon, taken);
        Assert.Equal([0.0, 0.0, 1.0, 1.0], taken.Select(r => (r.Time - Any.Noon).TotalSeconds));
        Assert.Equal(4, late.Accounting.Total("taken"));
    }

    [Fact]
    public void Fewer_sensors_than_there_are_already_reject_only_new_ones()
    {
        Taken("plant/a", 0);
        bench.State.Use(bench.Settings with { Bounds = new BoundsSettings(1, 100) }, Any.Noon, []);
        Assert.Equal(2, Taken("plant/a", 1).Count);
        Assert.Empty(Taken("plant/b", 1));
        Assert.Equal(RejectReason.Bounds, bench.Reasons.Last());
    }

    [Fact]
    public void A_topic_with_a_NUL_is_no_topic() => Assert.Equal(RejectReason.Topic, RejectedFor("plant/a\0b"));

    [Fact]
    public void A_message_that_looks_like_one_before_and_brings_a_newer_reading_is_taken()
    {
        Assert.Equal(2, bench.Read("plant/a", Payload(0), redelivered: true).Count);
        Assert.Empty(bench.Read("plant/a", Payload(0), redelivered: true));
        var (p, q) = (bench.Registry.ById("plant/a/p")!, bench.Registry.ById("plant/a/q")!);
        List<SensorReading> arrived = [new(p, Any.Noon, 1, Any.Noon, false, false), new(q, Any.Noon.AddSeconds(1), 2, Any.Noon, false, true)];
        List<SensorReading> taken = [];
        Assert.True(bench.State.Order.Take(arrived, redelivered: true, taken));
        Assert.Equal("plant/a/q", Assert.Single(taken).Sensor.Id);
    }

    private RejectReason RejectedFor(string topic)
    {
        Assert.Empty(Taken(topic, 0));
        return bench.Reasons.Last();
    }

    private static IEnumerable<string> Leaving(SourceSettings source)
    {
        var fresh = new IngestBench(Pumps);
        fresh.Read("plant/a", Payload(0));
        return fresh.State.Use(Any.Settings(source), Any.Noon, []).Cast<SensorForgotten>().Select(f => f.Sensor.Id).Order(StringComparer.Ordinal);
    }

    private IReadOnlyList<StageEvent> Use(SourceSettings source) => bench.State.Use(Any.Settings(source), Any.Noon, []);

    private List<SensorReading> Taken(string topic, int second) => bench.Read(topic, Payload(second));

    private static string Payload(int second) => $$"""{"ts":"{{Any.Noon.AddSeconds(second):O}}","p":1,"q":2}""";
}
