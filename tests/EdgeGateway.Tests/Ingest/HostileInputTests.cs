using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using CsCheck;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Ingest;

public class HostileInputTests
{
    private const string Good = """{"ts":1764000000,"p":1.5,"q":[{"v":2}],"state":"on","s":"good"}""";
    private static readonly SourceSettings Pump = Any.Source("plant/{pump}", null, "/ts", "p");

    private static readonly SourceSettings Rich = Pump with
    {
        Values = [new ValueMapping("p", Any.Pointer("/p")), new ValueMapping("q", Any.Pointer("/q/0/v")), new ValueMapping("state", Any.Pointer("/state"))],
        States = ImmutableDictionary<string, double>.Empty.Add("on", 1).Add("GEÖFFNET", 2),
        Quality = new QualitySettings(Any.Pointer("/s"), ["good"]),
        Zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York"),
    };

    private static readonly SourceSettings[] Forms = [Rich, Pump with { Values = null, AllValues = true }, Any.Source("plant/{pump}")];

    [Fact]
    public void Whatever_bytes_arrive_they_are_counted_and_the_next_good_reading_is_taken() =>
        Gen.Select(Gen.Int[0, 2], Gen.Byte.Array[0, 200]).Array[1, 20].Sample(Survives);

    [Fact]
    public void A_good_payload_with_any_byte_changed_or_cut_off_is_read_or_rejected() =>
        Gen.Select(Gen.Int[0, 2], Mutated).Array[1, 20].Sample(Survives);

    [Theory]
    [InlineData("""{"ts":1764000000,"p":1,"p":2}""", "taken", 1)]
    [InlineData("""{"ts":1764000000,"ts":1764000001,"p":1}""", "taken", 1)]
    [InlineData("""{"ts":1764000000,"p":1,"\ud800":2}""", "rejected.malformed", 1)]
    [InlineData("""{"ts":1764000000,"p":"\udc00"}""", "rejected.notANumber", 1)]
    [InlineData("""{"ts":1764000000,"p":Infinity}""", "rejected.malformed", 1)]
    [InlineData("""{"ts":1764000000,"p":-1e999}""", "rejected.notFinite", 1)]
    [InlineData("""{"ts":1764000000,"p":0x10}""", "rejected.malformed", 1)]
    [InlineData("""{"ts":1e400,"p":1}""", "rejected.time", 1)]
    [InlineData("""{"ts":{},"p":1}""", "rejected.time", 1)]
    [InlineData("""[1764000000,1]""", "rejected.noValue", 1)]
    [InlineData("4.5", "rejected.malformed", 1)]
    public void Odd_JSON_ends_in_one_counter(string payload, string counter, long count)
    {
        var bench = new IngestBench(Pump);
        bench.Read("plant/a", payload);
        var (name, reason) = counter.Split('.') is [var n, var r] ? (n, r) : (counter, "");
        Assert.Equal(count, bench.Accounting.Of(name, "pumps", reason).Value);
        Assert.Equal(count, bench.Accounting.Total("received"));
    }

    [Theory]
    [InlineData("NaN", RejectReason.NotFinite)]
    [InlineData("Infinity", RejectReason.NotFinite)]
    [InlineData("-1e999", RejectReason.NotFinite)]
    [InlineData("1,5", RejectReason.Malformed)]
    [InlineData("\"12.5\"", RejectReason.Malformed)]
    [InlineData("true", RejectReason.Malformed)]
    [InlineData("[1]", RejectReason.Malformed)]
    [InlineData("", RejectReason.Malformed)]
    public void A_payload_that_should_be_one_number_and_is_none_is_rejected(string payload, RejectReason reason)
    {
        var bench = new IngestBench(Any.Source("plant/{pump}"));
        Assert.Empty(bench.Read("plant/a", payload));
        Assert.Equal([reason], bench.Reasons);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void Nesting_of_any_depth_is_read_or_rejected(int depth)
    {
        var bench = new IngestBench(Pump);
        bench.Read("plant/a", $$"""{"deep":{{new string('[', depth)}}{{new string(']', depth)}},"ts":1764000000,"p":1}""");
        Assert.Equal(depth == 10 ? 1 : 0, bench.Accounting.Total("taken"));
        Assert.Equal(1, bench.Accounting.Total("received"));
    }

    [Fact]
    public void A_text_that_stands_for_a_number_is_known_in_its_escaped_form_too()
    {
        var bench = new IngestBench(Rich);
        var taken = bench.Read("plant/a", """{"ts":1764000000,"state":"GE\u00d6FFNET","s":"g\u006fod"}""");
        Assert.Equal([2.0], taken.Select(r => r.Value));
    }

    [Fact]
    public void Only_a_number_without_leading_zero_or_sign_is_an_array_index()
    {
        var bench = new IngestBench(Pump with { Values = [new ValueMapping("p", Any.Pointer("/q/01")), new ValueMapping("q", Any.Pointer("/q/+1")), new ValueMapping("r", Any.Pointer("/q/1"))] });
        Assert.Equal(["plant/a/r"], bench.Read("plant/a", """{"ts":1764000000,"q":[5,6]}""").Select(r => r.Sensor.Id));
    }

    [Fact]
    public void A_flood_of_retained_messages_takes_no_room_of_the_sensors()
    {
        var bench = new IngestBench(Pump, bound: 2);
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty(bench.Read($"plant/old{i}", Good, retained: true));
        }

        Assert.Equal(100, bench.Accounting.Total("retained"));
        Assert.Single(bench.Read("plant/a", Good));
        Assert.Single(bench.Read("plant/b", Good));
    }

    [Fact]
    public void Readings_with_a_time_that_cannot_be_take_no_room_of_the_sensors()
    {
        var bench = new IngestBench(Pump, bound: 1);
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty(bench.Read($"plant/x{i}", """{"ts":"2100-01-01T00:00:00Z","p":1}"""));
        }

        Assert.Equal(100, bench.Accounting.Of("rejected", "pumps", "future").Value);
        Assert.Single(bench.Read("plant/a", Good));
    }

    [Fact]
    public void Names_with_markup_are_names_as_any_other()
    {
        var bench = new IngestBench(Pump);
        Assert.Equal("plant/<img src=x onerror=alert(1)>/p", Assert.Single(bench.Read("plant/<img src=x onerror=alert(1)>", Good)).Sensor.Id);
    }

    [Fact]
    public void Of_a_topic_that_brought_no_sensor_nothing_is_kept()
    {
        var bench = new IngestBench(Pump, bound: 10);
        var log = new RejectionLog(NullLogger.Instance);
        var (topic, where) = Flood(bench, log);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(topic.IsAlive);
        Assert.False(where.IsAlive);
    }

    [Fact]
    public void A_topic_longer_than_any_name_is_rejected_however_short_its_asset_is()
    {
        var bench = new IngestBench(Any.Source("plant/{pump}/#", "{pump}", "/ts", "p"));
        Assert.Empty(bench.Read($"plant/a/{new string('x', 60_000)}", Good));
        Assert.Equal([RejectReason.Name], bench.Reasons);
        Assert.Single(bench.Read("plant/a/b/c", Good));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Topic, WeakReference Where) Flood(IngestBench bench, RejectionLog log)
    {
        var topic = $"plant/{new string('x', 60_000)}";
        var where = new string('y', 60_000);
        bench.State.Take(new SensorMessage(1, topic, new(Encoding.UTF8.GetBytes(Good)), false, false, Any.Noon), []);
        log.Add("pumps", where, RejectReason.Name);
        return (new WeakReference(topic), new WeakReference(where));
    }

    private static bool Survives((int Form, byte[] Payload)[] messages)
    {
        foreach (var form in messages.GroupBy(m => m.Form))
        {
            var bench = new IngestBench(Forms[form.Key]);
            foreach (var (_, payload) in form)
            {
                bench.Read("plant/bad", payload);
            }

            if (bench.Accounting.Total("received") < form.Count() || bench.Read("plant/good", form.Key == 2 ? "1.5" : Good).Count == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static Gen<byte[]> Mutated =>
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Byte, Gen.Int[1, Good.Length]).Select((at, value, length) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Good);
            bytes[at] = value;
            return bytes[..length];
        });
}
