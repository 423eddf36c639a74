using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Settings;

namespace EdgeGateway.Tests.Ingest;

/// <summary>Messages of OPC UA as payloads, from bytes to readings.</summary>
public class OpcUaPayloadTests
{
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "opcua");
    private static readonly SourceSettings Every = Source("""{ "topic": "opc", "payload": "opcUa" }""");

    public static TheoryData<string> Vectors => [.. Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)!)];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Each_form_gives_the_readings_that_its_vector_says(string name)
    {
        var vector = Vector(name);
        var bench = new IngestBench(Source(vector["source"]!.ToJsonString()));
        var taken = bench.Read((string)vector["topic"]!, vector["payload"]!.ToJsonString());
        Assert.Equal(vector["readings"]!.AsArray().Select(r => (string)r!), taken.Select(Sentence));
        Assert.Equal(vector["rejected"]!.AsArray().Select(r => (string)r!), bench.Reasons.Select(r => char.ToLowerInvariant(r.ToString()[0]) + r.ToString()[1..]));
    }

    [Fact]
    public void Every_vector_is_explained_in_the_document()
    {
        var document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "payloads.md"));
        Assert.All(Vectors, v => Assert.Contains($"opcua/{v.Data}.json", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_bytes_arrive_they_are_counted_and_the_next_good_message_is_taken() =>
        Gen.Byte.Array[0, 200].Array[1, 20].Sample(Survives);

    [Fact]
    public void A_good_message_with_any_byte_changed_or_cut_off_is_read_or_rejected() =>
        OneOf(Texts).SelectMany(Mutated).Array[1, 20].Sample(Survives);

    [Fact]
    public void A_message_with_any_value_replaced_or_taken_out_is_read_or_rejected() =>
        OneOf(Texts).SelectMany(Changed).Array[1, 20].Sample(Survives);

    [Theory]
    [InlineData("[]", "")]
    [InlineData("{}", "malformed")]
    [InlineData("1", "malformed")]
    [InlineData("[1]", "malformed")]
    [InlineData("""{"Messages":1}""", "malformed")]
    [InlineData("""{"Messages":[{"Payload":[1]}]}""", "malformed")]
    [InlineData("""{"Payload":{}}""", "noValue")]
    [InlineData("""{"Payload":{"a":1}}""", "time")]
    [InlineData("""{"Timestamp":7,"Payload":{"a":1}}""", "time")]
    [InlineData("""{"Timestamp":"2100-01-01T00:00:00Z","Payload":{"a":1}}""", "future")]
    [InlineData("""{"Timestamp":"2026-11-24T11:00:00Z","Payload":{"a":1e999}}""", "notFinite")]
    [InlineData("""{"Timestamp":"2026-11-24T11:00:00Z","DataSetWriterName":"a\u0000b","Payload":{"a":1}}""", "name")]
    [InlineData("""{"Timestamp":"2026-11-24T11:00:00Z","Payload":{"\ud800":1}}""", "malformed")]
    [InlineData("""{"Timestamp":"2026-11-24T11:00:00Z","MessageType":"ua-deltaframe","Payload":{}}""", "")]
    public void Odd_messages_end_in_one_counter_or_hold_nothing(string payload, string reason)
    {
        var bench = new IngestBench(Every);
        Assert.Empty(bench.Read("opc", payload));
        Assert.Equal(reason.Length == 0 ? 0 : 1, bench.Accounting.Total("received"));
        Assert.Equal(reason.Length == 0 ? 0 : 1, bench.Accounting.Of("rejected", "opc", reason).Value);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1073741823", true)]
    [InlineData("1073741824", false)]
    [InlineData("2147483648", false)]
    [InlineData("-1", false)]
    [InlineData("4294967296", false)]
    [InlineData("null", true)]
    [InlineData("{}", true)]
    [InlineData("\"Good\"", true)]
    [InlineData("\"GoodLocalOverride\"", true)]
    [InlineData("\"BadNoData\"", false)]
    [InlineData("""{"Symbol":"UncertainInitialValue"}""", false)]
    [InlineData("""{"Code":{"Code":0}}""", false)]
    [InlineData("[]", false)]
    public void A_status_code_is_good_when_its_two_highest_bits_are_0(string status, bool isGood)
    {
        var reading = Assert.Single(new IngestBench(Every).Read("opc", $$$"""{"Payload":{"a":{"Value":1,"SourceTimestamp":"2026-11-24T11:00:00Z","StatusCode":{{{status}}} } } }"""));
        Assert.Equal(isGood, reading.Value.Equals(1.0));
        Assert.Equal(!isGood, double.IsNaN(reading.Value));
    }

    private static IEnumerable<string> AllTexts() => Vectors.Select(v => Vector(v.Data)["payload"]!.ToJsonString());

    private static string[] Texts { get; } = [.. AllTexts()];

    private static JsonObject Vector(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!.AsObject();

    private static SourceSettings Source(string json) =>
        Assert.Single(SettingsSamples.Accepted(SettingsSamples.With(SettingsSamples.Minimal, "sources", $$"""{ "opc": {{json}} }""")).Sources);

    private static string Sentence(SensorReading reading) => string.Create(
        CultureInfo.InvariantCulture,
        $"{reading.Sensor.Id} {reading.Time.UtcDateTime:O} {(double.IsNaN(reading.Value) ? "missing" : reading.Value.ToString("R", CultureInfo.InvariantCulture))}{(reading.LastOfMessage ? " |" : "")}");

    private static bool Survives(byte[][] payloads)
    {
        var bench = new IngestBench(Every);
        foreach (var payload in payloads)
        {
            bench.Read("opc", payload);
        }

        return bench.Read("opc", """{"DataSetWriterName":"good one","Timestamp":"2026-11-24T11:59:59Z","Payload":{"never before":1}}""").Count == 1;
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<byte[]> Mutated(string text) =>
        Gen.Select(Gen.Int[0, Encoding.UTF8.GetByteCount(text) - 1], Gen.Byte, Gen.Int[1, Encoding.UTF8.GetByteCount(text)]).Select((at, value, length) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            bytes[at] = value;
            return bytes[..length];
        });

    private static Gen<byte[]> Changed(string text) =>
        Gen.Select(Gen.Int[0, 1000], OneOf("null", "1", "-1", "true", "\"\"", "\"x\"", "{}", "[]", "[[1]]", "{\"Value\":{\"Value\":{\"Value\":{\"Value\":{\"Value\":1}}}}}", "{\"Body\":1}", "\"\\u0000\"")).Select((place, value) =>
        {
            var root = JsonNode.Parse(text)!;
            var places = Places(root).ToList();
            places[place % places.Count].ReplaceWith(JsonNode.Parse(value));
            return Encoding.UTF8.GetBytes(root.ToJsonString());
        });

    private static IEnumerable<JsonNode> Places(JsonNode node) =>
        (node is JsonObject o ? o.Select(p => p.Value) : node is JsonArray a ? a : Enumerable.Empty<JsonNode?>()).OfType<JsonNode>().SelectMany(child => Places(child).Prepend(child));
}
