using System.Text;
using System.Text.Json;
using EdgeGateway.Alerts;
using NJsonSchema;

namespace EdgeGateway.Tests.Alerts;

public class AlertJsonTests
{
    private static readonly Alert Example = new(
        "abcdefghij2345672345", 2, Transition.Updated, Any.Noon, true, "l1/p1", Family.Anomaly, "drift", 412, 0.934, "model", "l1/p1", ["l1/p1/pressure", "l1/p1/flow"], "bar",
        Any.Noon.AddMinutes(-1), Any.Noon, [new("score", 2.5), new("mean", 4.1), new("slope60", 12.5)], "▁▂▃▄", "l1/p1/pressure looks like drift (a rise): mean 4.1 bar.", [new("model", "phi-sensor")])
    {
        Source = "pumps",
        AcknowledgedAt = Any.Noon.AddMinutes(1),
        ShelvedUntil = Any.Noon.AddHours(2),
        ToldAt = Any.Noon.AddSeconds(30),
        By = "Ada",
        OutOfServiceUntil = Any.Noon.AddHours(3),
    };

    [Fact]
    public void The_id_is_the_one_that_the_format_states()
    {
        Assert.Equal(IndependentId("north-3\nl1/p1\nanomaly\n2026-11-24T12:00:00.0000000Z"), AlertIds.Of("north-3", "l1/p1", "anomaly", Any.Noon));
    }

    [Fact]
    public void A_written_alert_reads_back_the_same()
    {
        var back = AlertJson.Read(AlertJson.Write(Example, "north-3"));
        Assert.Equal(AlertJson.Write(Example, "north-3"), AlertJson.Write(back, "north-3"));
        Assert.Equal((Example.Source, Example.AcknowledgedAt, Example.ShelvedUntil, Example.ToldAt, Example.OutOfServiceUntil, Example.By), (back.Source, back.AcknowledgedAt, back.ShelvedUntil, back.ToldAt, back.OutOfServiceUntil, back.By));
        Assert.Equal((Example.AlertId, Example.Sequence, Example.Text, Example.Sparkline), (back.AlertId, back.Sequence, back.Text, back.Sparkline));
    }

    [Fact]
    public async Task It_fits_the_schema_and_equals_the_committed_vector()
    {
        var body = Encoding.UTF8.GetString(AlertJson.Write(Example, "north-3"));
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "alert.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(body));
        var vector = await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "alert", "updated.json"), TestContext.Current.CancellationToken);
        Assert.Equal(Canonical(vector), Canonical(body));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('漢')]
    [InlineData('<')]
    [InlineData('"')]
    [InlineData('\u2028')]
    [InlineData('\uE000')]
    public void The_longest_names_stay_within_a_metering_block(char letter)
    {
        var name = new string(letter, 256);
        var body = AlertJson.Write(
            Example with { Subject = name, Asset = name, Sensors = [.. Enumerable.Repeat(name, 50)], Text = $"{name} looks like drift: {name}", Unit = new string(letter, 20) }, "north-3");
        Assert.InRange(body.Length, 1, AlertJson.MaxBytes);
        Assert.Equal(name, AlertJson.Read(body).Subject);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('\uE000')]
    public void The_largest_alert_that_there_can_be_stays_within_a_metering_block_together_with_its_properties(char letter)
    {
        var name = new string(letter, 256);
        string[] numbers = ["score", "threshold", "gate", "kindShare", "last", "mean", "min", "max", "usual", "usualSpread", "s_hres_mean", "hold10_1440", "cnt35_1440", "raisedInHour", "quietMinutes"];
        var largest = Example with
        {
            Subject = name,
            Asset = name,
            Source = name,
            Sensors = [.. Enumerable.Range(0, 16).Select(_ => name)],
            Unit = name,
            By = new string(letter, 128),
            Sequence = int.MaxValue,
            IdTime = Any.Noon.AddTicks(1),
            Evidence = [.. numbers.Select(n => KeyValuePair.Create(n, -1.234e-300))],
            Text = $"{name} looks like oscillation: {name}",
            Versions = [new("model", "phi-sensor"), new("prompt", "1")],
        };
        var body = AlertJson.Write(largest, new string('g', 64));
        var properties = $"kind=oscillation&family=anomaly&severity=1000&transition=acknowledged&$.mid={largest.AlertId}.{int.MaxValue}&$.ct=application%2Fjson&$.ce=utf-8";
        Assert.InRange(body.Length + properties.Length, 1, 4096);
        Assert.Equal((name, largest.By, 15), (AlertJson.Read(body).Subject, AlertJson.Read(body).By, AlertJson.Read(body).Evidence.Length));
    }

    private static string Canonical(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    /// <summary>Base32 by way of a big integer, apart from the product's bit shifting.</summary>
    private static string IndependentId(string text)
    {
        var number = new System.Numerics.BigInteger(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)), isUnsigned: true, isBigEndian: true);
        number >>= 256 - 100;
        var id = new StringBuilder();
        for (var i = 0; i < 20; i++)
        {
            id.Insert(0, "abcdefghijklmnopqrstuvwxyz234567"[(int)(number % 32)]);
            number /= 32;
        }

        return id.ToString();
    }
}
