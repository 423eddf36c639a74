using System.Globalization;
using System.Text.Json;
using EdgeGateway.Alerts;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>Sensors that leave their range and come back with each reading, and what every sink must have been told of them: each alert raised and cleared, in order, under its one id.</summary>
internal sealed class TogglingSensors(string gateway)
{
    /// <summary>Topic of the readings.</summary>
    public const string Topic = "send";

    private const int Sensors = 4;
    private static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>So far apart that nothing flaps.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(30);

    private int made;

    /// <summary>Transitions that follow from the readings so far.</summary>
    public int Expected => made * Sensors;

    /// <summary>Names of the values in a payload.</summary>
    public static IEnumerable<string> Values => Enumerable.Range(0, Sensors).Select(i => string.Create(CultureInfo.InvariantCulture, $"v{i}"));

    /// <summary>Whether everything has come back into its range.</summary>
    public bool AllCleared => made % 2 == 0;

    /// <summary>The next payload: all sensors leave their range, or all come back.</summary>
    public string Next()
    {
        var value = made % 2 == 0 ? "2" : "0.5";
        var payload = $$"""{"ts":"{{TimeOf(made).UtcDateTime:O}}",{{string.Join(',', Values.Select(v => $"\"{v}\":{value}"))}}}""";
        made++;
        return payload;
    }

    /// <summary>What is wrong with what a sink was told; null when nothing is. Copies under one id and sequence count once, a folded transition for all that it stands for.</summary>
    /// <param name="bodies">All that it took, in order.</param>
    public string? Difference(IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        var told = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (alertId, from, sequence) in bodies.Select(Read))
        {
            var before = told.GetValueOrDefault(alertId);
            if (from > before + 1)
            {
                return $"{alertId}: transition {sequence} came where {before + 1} was expected";
            }

            told[alertId] = Math.Max(before, sequence);
        }

        var expected = Enumerable.Range(0, made / 2).SelectMany(pair => Values.Select(v => AlertIds.Of(gateway, $"{Topic}/{v}", Family.Limit, TimeOf(2 * pair)))).ToHashSet();
        var missing = expected.Count(id => told.GetValueOrDefault(id) != 2);
        return missing > 0 ? string.Create(CultureInfo.InvariantCulture, $"{missing} of {expected.Count} alerts are not told with their end") : null;
    }

    /// <summary>How many of these are copies of an earlier one.</summary>
    public static int Copies(IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        var (seen, copies) = (new HashSet<(string, int)>(), 0);
        foreach (var (alertId, _, sequence) in bodies.Select(Read))
        {
            copies += seen.Add((alertId, sequence)) ? 0 : 1;
        }

        return copies;
    }

    /// <summary>Alerts about anything but these sensors, as "id.sequence": both sinks must have the same.</summary>
    public static IEnumerable<string> OfOthers(IEnumerable<ReadOnlyMemory<byte>> bodies) =>
        bodies.Select(b => (Body: Read(b), Own: JsonDocument.Parse(b).RootElement.GetProperty("data").GetProperty("family").GetString() == Family.Own)).Where(b => b.Own)
            .Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Body.AlertId}.{b.Body.Sequence}")).Distinct();

    private static DateTimeOffset TimeOf(int number) => Began + (number * Step);

    private static (string AlertId, int From, int Sequence) Read(ReadOnlyMemory<byte> body)
    {
        using var read = JsonDocument.Parse(body);
        var data = read.RootElement.GetProperty("data");
        var sequence = data.GetProperty("sequence").GetInt32();
        return (data.GetProperty("alertId").GetString()!, data.TryGetProperty("foldedFrom", out var from) ? from.GetInt32() : sequence, sequence);
    }
}
