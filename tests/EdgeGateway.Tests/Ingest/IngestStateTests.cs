using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Ingest;

public class IngestStateTests
{
    private const string Good = """{"ts":"2026-11-24T12:00:00Z","p":4.5,"q":7}""";
    private readonly FakeTimeProvider time = new(Any.Noon);
    private readonly Accounting accounting = new();
    private readonly List<SensorReading> taken = [];
    private IngestState ingest;

    public IngestStateTests() => ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p", "q"));

    [Fact]
    public void Each_mapped_value_of_a_payload_is_a_reading_of_its_own_sensor()
    {
        Read("plant/p1", Good);
        Assert.Equal(["plant/p1/p", "plant/p1/q"], taken.Select(r => r.Sensor.Id));
        Assert.Equal([4.5, 7.0], taken.Select(r => r.Value));
        Assert.All(taken, r => Assert.Equal(Any.Noon, r.Time));
        Assert.Equal([false, true], taken.Select(r => r.LastOfMessage));
        AssertCounted("taken", "", 2);
    }

    [Fact]
    public void Readings_of_another_partition_are_counted_and_make_no_sensor()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p", "q"), partition: new Partition(2, 0));
        foreach (var pump in Enumerable.Range(0, 40))
        {
            Read($"plant/p{pump}", Good);
            Read($"plant/p{pump}", Good);
        }

        var own = Enumerable.Range(0, 40).Count(pump => new Partition(2, 0).Keeps($"plant/p{pump}"));
        Assert.InRange(own, 10, 30);
        Assert.Equal((2 * own, 2 * own, 4 * (40 - own)), ((int)accounting.Total("taken"), (int)accounting.Total("duplicate"), (int)accounting.Total("foreign")));
    }

    [Fact]
    public void The_asset_can_be_made_of_the_levels_of_the_topic()
    {
        ingest = NewReader(Any.Source("plant/{line}/pump/{pump}", "{line}/{pump}", "/ts", "p"));
        Read("plant/l1/pump/p1", Good);
        Assert.Equal(("l1/p1", "l1/p1/p"), (taken[0].Sensor.Asset, taken[0].Sensor.Id));
    }

    [Theory]
    [InlineData("12.5", 12.5)]
    [InlineData(" -3e2\n", -300)]
    [InlineData("0", 0)]
    public void A_payload_can_be_one_number(string payload, double value)
    {
        ingest = NewReader(Any.Source("plant/level"));
        Read("plant/level", payload);
        Assert.Equal(value, Assert.Single(taken).Value);
        Assert.Equal("plant/level", taken[0].Sensor.Id);
        Assert.Equal(Any.Noon, taken[0].Time);
    }

    [Fact]
    public void Every_top_level_number_can_be_a_sensor()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "x") with { Values = null, AllValues = true });
        Read("plant/p1", """{"ts":"2026-11-24T12:00:00Z","a":1,"name":"pump","inner":{"b":2},"c":-3}""");
        Assert.Equal(["plant/p1/a", "plant/p1/c"], taken.Select(r => r.Sensor.Id));
    }

    [Fact]
    public void Pointers_reach_into_objects_and_arrays()
    {
        var source = Any.Source("plant/{pump}", null, "/head/ts", "p");
        ingest = NewReader(source with { Values = [new ValueMapping("p", Any.Pointer("/data/1/v")), new ValueMapping("slash", Any.Pointer("/a~1b"))] });
        Read("plant/p1", """{"data":[{"v":1},{"v":2,"w":[9]}],"head":{"ts":1764000000},"a/b":5}""");
        Assert.Equal([2.0, 5.0], taken.Select(r => r.Value));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1764000000), taken[0].Time);
    }

    [Theory]
    [InlineData("1764000000")]
    [InlineData("1764000000000")]
    [InlineData("1764000000000000")]
    [InlineData("1764000000000000000")]
    [InlineData("1764000000.0")]
    [InlineData("\"2025-11-24T16:00:00Z\"")]
    [InlineData("\"2025-11-24T16:00:00\"")]
    [InlineData("\"2025-11-24 16:00:00.000\"")]
    [InlineData("\"2025-11-24T18:00:00+02:00\"")]
    public void The_event_time_can_be_ISO_8601_or_Unix_time_of_any_unit(string text)
    {
        Read("plant/p1", $$"""{"ts":{{text}},"p":1}""");
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1764000000), Assert.Single(taken).Time);
    }

    [Fact]
    public void A_time_without_offset_is_local_time_of_the_zone_of_the_source()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p") with { Zone = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(1), "x", "x") });
        Read("plant/p1", """{"ts":"2026-11-24T13:00:00","p":1}""");
        Assert.Equal(Any.Noon, Assert.Single(taken).Time);
    }

    [Fact]
    public void Null_invalid_numbers_and_bad_quality_are_missing_samples()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p", "q", "r") with { Invalid = [-999], Quality = new QualitySettings(Any.Pointer("/s"), ["good", "0"]) });
        Read("plant/p1", """{"ts":1764000000,"p":null,"q":-999,"r":5,"s":0}""");
        Assert.Equal([double.NaN, double.NaN, 5], taken.Select(r => r.Value));
        Read("plant/p1", """{"ts":1764000001,"p":1,"q":2,"r":5,"s":"bad"}""");
        Assert.All(taken, r => Assert.Equal(double.NaN, r.Value));
        Read("plant/p1", """{"ts":1764000002,"p":1,"q":2,"r":5}""");
        Assert.Equal(3, taken.Count);
    }

    [Fact]
    public void Texts_can_stand_for_numbers()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p", "q") with { States = ImmutableDictionary<string, double>.Empty.Add("OPEN", 1).Add("true", 2) });
        Read("plant/p1", """{"ts":1764000000,"p":"OPEN","q":true}""");
        Assert.Equal([1.0, 2.0], taken.Select(r => r.Value));
    }

    [Theory]
    [InlineData("{", RejectReason.Malformed)]
    [InlineData("", RejectReason.Malformed)]
    [InlineData("{\"ts\":1764000000,\"p\":NaN,\"q\":1}", RejectReason.Malformed)]
    [InlineData("{\"ts\":1764000000,\"p\":1} trailing", RejectReason.Malformed)]
    [InlineData("\u0000\u0001\u0002", RejectReason.Malformed)]
    [InlineData("{\"ts\":1764000000,\"other\":1}", RejectReason.NoValue)]
    [InlineData("{\"p\":1}", RejectReason.Time)]
    [InlineData("{\"ts\":\"yesterday\",\"p\":1}", RejectReason.Time)]
    [InlineData("{\"ts\":-1,\"p\":1}", RejectReason.Time)]
    [InlineData("{\"ts\":0,\"p\":1}", RejectReason.Time)]
    [InlineData("{\"ts\":\"2100-01-01T00:00:00Z\",\"p\":1}", RejectReason.Future)]
    [InlineData("{\"ts\":\"2026-11-24T12:05:01Z\",\"p\":1}", RejectReason.Future)]
    [InlineData("{\"ts\":1764000000,\"p\":\"4.5\"}", RejectReason.NotANumber)]
    [InlineData("{\"ts\":1764000000,\"p\":{\"v\":1}}", RejectReason.NotANumber)]
    [InlineData("{\"ts\":1764000000,\"p\":1e999}", RejectReason.NotFinite)]
    public void Bad_payloads_are_rejected_with_their_reason(string payload, RejectReason reason)
    {
        Read("plant/p1", payload);
        Assert.Empty(taken);
        AssertCounted("rejected", reason, 1);
    }

    [Fact]
    public void A_bad_value_does_not_cost_the_good_one_beside_it()
    {
        Read("plant/p1", """{"ts":1764000000,"p":"broken","q":7}""");
        Assert.Equal(7, Assert.Single(taken).Value);
        AssertCounted("rejected", RejectReason.NotANumber, 1);
        AssertCounted("taken", "", 1);
    }

    [Fact]
    public void Five_minutes_ahead_is_still_taken()
    {
        Read("plant/p1", """{"ts":"2026-11-24T12:05:00Z","p":1}""");
        Assert.Single(taken);
    }

    [Fact]
    public void While_our_clock_is_unset_event_time_rules()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p"), new ClockState(new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1)), Any.Noon));
        time.SetUtcNow(Any.Noon);
        Read("plant/p1", """{"ts":"2026-11-24T12:00:00Z","p":1}""", receivedAt: DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Single(taken);
    }

    [Fact]
    public void A_payload_over_the_bound_is_rejected_unread()
    {
        Read("plant/p1", new string(' ', 300_000));
        AssertCounted("rejected", RejectReason.Size, 1);
    }

    [Fact]
    public void A_topic_that_no_source_wants_is_rejected()
    {
        Read("elsewhere", Good);
        Assert.Equal(1, accounting.Of("rejected", "", "topic").Value);
    }

    [Fact]
    public void The_first_topic_keeps_an_id_and_the_other_is_a_collision()
    {
        ingest = NewReader(Any.Source("plant/{line}/{pump}", "{pump}", "/ts", "p"));
        Read("plant/l1/p1", Good);
        Read("plant/l2/p1", Good);
        Assert.Empty(taken);
        AssertCounted("rejected", RejectReason.Collision, 1);
    }

    [Fact]
    public void Sensors_beyond_the_bound_are_rejected_and_the_known_ones_go_on()
    {
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p"), bound: 2);
        for (var i = 0; i < 5; i++)
        {
            Read($"plant/p{i}", Good);
        }

        AssertCounted("rejected", RejectReason.Bounds, 3);
        Read("plant/p1", """{"ts":"2026-11-24T12:00:01Z","p":4.5}""");
        Assert.Single(taken);
    }

    [Theory]
    [InlineData("plant/\u0007")]
    [InlineData("plant/\u009f")]
    public void Names_with_control_characters_are_rejected(string topic)
    {
        Read(topic, Good);
        AssertCounted("rejected", RejectReason.Name, 2);
    }

    [Fact]
    public void Names_of_ten_thousand_characters_are_rejected()
    {
        Read($"plant/{new string('x', 10_000)}", Good);
        AssertCounted("rejected", RejectReason.Name, 2);
    }

    [Fact]
    public void Equal_and_older_times_are_counted_apart()
    {
        Read("plant/p1", """{"ts":1764000010,"p":1}""");
        Read("plant/p1", """{"ts":1764000010,"p":2}""");
        Read("plant/p1", """{"ts":1764000009,"p":3}""");
        AssertCounted("duplicate", "", 1);
        AssertCounted("late", "", 1);
    }

    [Fact]
    public void Retained_messages_are_counted_and_not_used_but_seed_a_sampled_sensor()
    {
        Read("plant/p1", Good, retained: true);
        Assert.Empty(taken);
        AssertCounted("retained", "", 2);
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p") with { Sample = TimeSpan.FromSeconds(10) });
        Read("plant/p1", Good, retained: true);
        Assert.Single(taken);
    }

    [Fact]
    public void Whatever_arrives_nothing_is_thrown_and_the_accounting_adds_up()
    {
        var sources = new[] { Any.Source("plant/{pump}", null, "/ts", "p", "q"), Any.Source("level/{x}") };
        var topics = AnyOf("plant/a", "plant/b", "level/1", "none", "plant/\u0001", "plant/" + new string('n', 300));
        var numbers = AnyOf("1", "-1e308", "1e999", "null", "\"x\"", "[1]", "{}", "true", "\"\\ud800\"", "NaN");
        var times = AnyOf("1764000000", "1764000001", "0", "4102444800", "\"2026-11-24T11:00:00Z\"", "\"\"", "null", "1e300", "9223372036854775807");
        var json = Gen.Select(times, numbers, numbers, (t, p, q) => Encoding.UTF8.GetBytes($$"""{"ts":{{t}},"p":{{p}},"q":{{q}}}"""));
        var payloads = Gen.OneOf(json, Gen.Byte.Array[0, 64], Gen.String.Select(Encoding.UTF8.GetBytes), numbers.Select(Encoding.UTF8.GetBytes));
        Gen.Select(topics, payloads, Gen.Bool).Array[1, 40].Sample(messages =>
        {
            var counts = new Accounting();
            var settings = Any.Settings(sources);
            var under = IngestState.Create(settings, new SensorRegistry(settings), new ClockState(time, Any.Noon.AddYears(-1)), counts, rejected: null);
            foreach (var (topic, payload, retained) in messages)
            {
                under.Take(new SensorMessage(1, topic, new ReadOnlySequence<byte>(payload), retained, Redelivered: false, Any.Noon), []);
            }

            return counts.ReadingsAccounted() == counts.Total("received") && counts.Total("received") >= messages.Length;
        });
    }

    [Fact]
    public void Sensors_unseen_for_thirty_days_are_forgotten_and_may_come_back()
    {
        Read("plant/p1", Good);
        Assert.Empty(ingest.Forget(Any.Noon.AddDays(30)));
        Assert.Equal(["plant/p1/p", "plant/p1/q"], ingest.Forget(Any.Noon.AddDays(30).AddMinutes(1)).Cast<SensorForgotten>().Select(f => f.Sensor.Id));
        Assert.Empty(ingest.Forget(Any.Noon.AddDays(60)));
        Read("plant/p1", Good);
        Assert.Equal(2, taken.Count);
    }

    [Fact]
    public void A_clock_of_ours_that_is_set_by_years_forgets_nobody_and_lets_silence_count_anew()
    {
        var clock = new SettableClock { Now = Any.Noon.AddYears(-50) };
        ingest = NewReader(Any.Source("plant/{pump}", null, "/ts", "p"), new ClockState(clock, Any.Noon.AddYears(-1)));
        _ = ingest.Outages.Changed(new SourceConnection(true, false, clock.Now, "")).ToList();
        Read("plant/p1", Good, receivedAt: clock.Now);
        Assert.DoesNotContain(ingest.Tick(clock.Now), n => n is Observation);
        clock.Now = Any.Noon;
        Assert.Equal(new Observation(true, Any.Noon), ingest.Tick(Any.Noon).First());
        Assert.Empty(ingest.Forget(Any.Noon.AddDays(29)));
        Assert.Single(ingest.Forget(Any.Noon.AddDays(31)));
    }

    [Fact]
    public void Sensors_of_a_snapshot_whose_value_left_the_configuration_do_not_come_back()
    {
        var registry = new SensorRegistry(Any.Settings(Any.Source("plant/{pump}", null, "/ts", "p")));
        Assert.NotNull(registry.Restore("plant/p1", "p"));
        Assert.Null(registry.Restore("plant/p1", "gone"));
        Assert.Null(registry.Restore("plant/p1", ""));
        Assert.Null(registry.Restore("elsewhere", "p"));
    }

    [Fact]
    public void An_impossible_clock_is_reported_until_it_is_set()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        ingest = NewReader(Any.Source(), new ClockState(clock, Any.Noon));
        Assert.True(ClockNotice(clock.GetUtcNow())!.Active);
        Assert.Null(ClockNotice(clock.GetUtcNow()));
        clock.SetUtcNow(Any.Noon.AddDays(1));
        Assert.False(ClockNotice(clock.GetUtcNow())!.Active);
    }

    [Fact]
    public void Damage_that_was_found_at_the_start_is_reported_once()
    {
        ingest.Damage.Add("gateway.db could not be used.");
        var told = ingest.Tick(Any.Noon).OfType<OwnCondition>().Single(c => c.Kind == "disk");
        Assert.Equal((true, "gateway.db could not be used."), (told.Active, told.Text));
        Assert.DoesNotContain(ingest.Tick(Any.Noon), n => n is OwnCondition { Kind: "disk" });
    }

    /// <summary>A wall clock that is set at will while no time passes.</summary>
    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => 0;
    }

    private OwnCondition? ClockNotice(DateTimeOffset now) => ingest.Tick(now).OfType<OwnCondition>().SingleOrDefault(c => c.Kind == "clock");

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private IngestState NewReader(SourceSettings source, ClockState? clock = null, int bound = 4000, Partition? partition = null)
    {
        var settings = Any.Settings(source) with { Bounds = new BoundsSettings(bound, 256 * 1024), Partition = partition ?? Partition.Whole };
        return IngestState.Create(settings, new SensorRegistry(settings), clock ?? new ClockState(time, Any.Noon.AddYears(-1)), accounting, rejected: null);
    }

    private void Read(string topic, string payload, bool retained = false, DateTimeOffset? receivedAt = null)
    {
        taken.Clear();
        ingest.Take(new SensorMessage(1, topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), retained, Redelivered: false, receivedAt ?? time.GetUtcNow()), taken);
        Assert.Equal(accounting.Total("received"), accounting.ReadingsAccounted());
    }

    private void AssertCounted(string name, RejectReason reason, long count)
    {
        var text = reason.ToString();
        AssertCounted(name, char.ToLowerInvariant(text[0]) + text[1..], count);
    }

    private void AssertCounted(string name, string reason, long count) => Assert.Equal(count, accounting.Of(name, "pumps", reason).Value);
}
