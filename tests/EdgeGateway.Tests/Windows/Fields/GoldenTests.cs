using System.Text.Json;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

public sealed class GoldenTests
{
    // A difference of nearly equal numbers has no relative accuracy near zero: there 1e-12 absolute counts. The narrowest
    // level of any field is 0.007 wide, and digits must be equal without allowance.
    private const double Relative = 1e-6;
    private const double NearZero = 1e-12;

    public static IEnumerable<TheoryDataRow<string>> Cases()
    {
        var path = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "reference", "golden", "index.json");
        if (!File.Exists(path))
            return [new TheoryDataRow<string>("constant")];
        using var index = JsonDocument.Parse(File.ReadAllText(path));
        return [.. index.RootElement.EnumerateObject().Select(entry => new TheoryDataRow<string>(entry.Name))];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_field_and_digit_equals_the_reference(string name)
    {
        var golden = GoldenCase.Load(name);
        var edges = GoldenCase.Edges();
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        var hop = 0;
        for (var row = 0; row < golden.Samples.Count; row++)
        {
            var made = sensor.Push(golden.Samples[row].Value, golden.Samples[row].Seconds, raw);
            if (row % SensorFields.Hop != SensorFields.Hop - 1)
            {
                Assert.False(made);
                continue;
            }
            var expected = golden.Hops[hop++];
            Assert.Equal(expected.Row, row);
            Assert.Equal(expected.Digits.Length > 0, made);
            if (made)
                AssertSame(expected, raw, edges);
        }
        Assert.Equal(golden.Hops.Count, hop);
    }

    private static void AssertSame(GoldenHop expected, double[] raw, double[][] edges)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var (should, value) = (expected.Raw[i], raw[i]);
            var close = double.IsNaN(should) ? double.IsNaN(value) : Math.Abs(value - should) <= NearZero + Relative * Math.Abs(should);
            Assert.True(close, $"Row {expected.Row}, {SensorFields.Names[i]}: {value:R} instead of {should:R}.");
        }
        Assert.Equal(expected.Digits, string.Concat(raw.Select((value, i) => Digit(FieldLevels.Level(value, edges[i])))));
    }

    private static char Digit(int level) => level == FieldLevels.Absent ? '-' : (char)('0' + level);
}
