using System.Buffers;
using System.Text.Json;
using CsCheck;
using SensorSimulator;
using SensorSimulator.Plant;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Simulator;

public sealed class PlantTests
{
    private const int Hour = 3600;
    private static readonly DateTimeOffset Start = Any.Noon;

    [Theory]
    [InlineData(1, "01494b9e763f3a5b")]
    [InlineData(2, "59934d86a69617b2")]
    public void A_seed_names_the_bytes_of_a_plant_for_ever(ulong seed, string fingerprint) =>
        Assert.Equal(fingerprint, Measure.Fingerprint(Payloads(Plant.Create(seed, Start, Hour))));

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others() => Gen.ULong.Sample(
        seed =>
        {
            var bytes = Payloads(Plant.Create(seed, Start, 900));
            Assert.Equal(bytes, Payloads(Plant.Create(seed, Start, 900)));
            Assert.NotEqual(bytes, Payloads(Plant.Create(seed + 1, Start, 900)));
        },
        iter: 20);

    [Fact]
    public void Sensors_differ_from_their_healthy_course_inside_the_labels_alone()
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var plant = Plant.Create(seed, Start, Hour);
            foreach (var (sensor, values, healthy) in Sensors(plant, seed))
            {
                var faults = plant.Faults.Where(f => f.Asset == sensor.Asset && f.Sensor == sensor.Name).ToArray();
                var (from, offset) = (0, 0.0);
                foreach (var fault in faults)
                {
                    var (first, last) = ((int)(fault.Start - Start).TotalSeconds, (int)(fault.End - Start).TotalSeconds);
                    AssertOffset(sensor, values, healthy, from, first, offset);
                    Assert.Contains(Enumerable.Range(first, last + 1 - first), i => !Near(sensor, values[i], healthy[i] + offset));
                    offset = fault.Kind is FaultKind.Drift or FaultKind.Shift && last + 1 < Hour ? values[last + 1] - healthy[last + 1] : offset;
                    from = last + 1;
                }

                AssertOffset(sensor, values, healthy, from, Hour, offset);
            }
        }
    }

    [Fact]
    public void Faults_keep_off_the_warm_up_and_off_each_other_on_one_asset()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var faults = Plant.Create(seed, Start, Hour).Faults;
            Assert.Equal(faults.OrderBy(f => f.Start), faults);
            Assert.All(faults, f => Assert.InRange(f.Start, Start.AddSeconds(400), f.End));
            Assert.All(faults, f => Assert.InRange(f.End, f.Start, Start.AddSeconds(Hour - 60)));
            foreach (var asset in faults.GroupBy(f => f.Asset))
                Assert.All(asset.Zip(asset.Skip(1)), pair => Assert.True(pair.Second.Start - pair.First.End >= TimeSpan.FromSeconds(400)));
        }
    }

    [Fact]
    public void Sizes_are_three_to_nine_and_an_hour_shows_every_kind()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var faults = Plant.Create(seed, Start, Hour).Faults;
            Assert.All(faults, f => Assert.InRange(f.Size, 3, 9));
            Assert.All(faults, f => Assert.True(f.Scale > 0));
            Assert.Equal(Enum.GetValues<FaultKind>(), faults.Select(f => f.Kind).Distinct().Order());
        }
    }

    [Fact]
    public void The_sensors_are_of_twelve_kinds_and_every_asset_reports_each_second()
    {
        Assert.Equal(Enum.GetValues<BackgroundKind>(), PlantSensor.All.Select(s => s.Background).Order());
        var plant = Plant.Create(1, Start, 500);
        Assert.Equal(PlantSensor.All.Select(s => s.Name), plant.Assets.SelectMany(a => a.Names));
        Assert.All(Enumerable.Range(0, 500), second => Assert.Equal(plant.Assets, plant.At(second).Select(m => m.Asset)));
        Assert.All(plant.At(42), message => Assert.Equal(Start.AddSeconds(42), message.Time));
    }

    [Fact]
    public void Labels_say_all_of_each_fault_in_JSON()
    {
        var plant = Plant.Create(3, Start, Hour);
        var stream = new MemoryStream();
        PlantLabels.Write(stream, 3, Start, plant);
        var labels = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal((3, Start, Hour), (labels.GetProperty("seed").GetInt32(), labels.GetProperty("start").GetDateTimeOffset(), labels.GetProperty("seconds").GetInt32()));
        Assert.Equal(plant.Faults, labels.GetProperty("faults").EnumerateArray().Select(f => new PlantFault(
            f.GetProperty("asset").GetString()!, f.GetProperty("sensor").GetString()!, Enum.Parse<FaultKind>(f.GetProperty("kind").GetString()!, ignoreCase: true),
            f.GetProperty("start").GetDateTimeOffset(), f.GetProperty("end").GetDateTimeOffset(), f.GetProperty("size").GetDouble(), f.GetProperty("scale").GetDouble())));
    }

    [Fact]
    public void A_missing_value_is_null_in_the_payload()
    {
        var payload = new ArrayBufferWriter<byte>();
        Payload.Write(payload, Start.AddMilliseconds(250), ["p", "q", "r"], [1.5, double.NaN, double.PositiveInfinity]);
        Assert.Equal("""{"ts":"2026-11-24T12:00:00.25Z","p":1.5,"q":null,"r":null}""", System.Text.Encoding.UTF8.GetString(payload.WrittenSpan));
    }

    private static byte[] Payloads(Plant plant)
    {
        var bytes = new ArrayBufferWriter<byte>();
        for (var second = 0; second < plant.Seconds; second++)
        {
            foreach (var message in plant.At(second))
                Payload.Write(bytes, message.Time, message.Asset.Names.AsSpan(), message.Values.Span);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Each sensor with what it reports and what it would report without any fault.</summary>
    private static IEnumerable<(PlantSensor Sensor, double[] Values, double[] Healthy)> Sensors(Plant plant, ulong seed)
    {
        var seconds = Enumerable.Range(0, plant.Seconds).Select(s => plant.At(s).SelectMany(m => m.Values.ToArray()).ToArray()).ToArray();
        return PlantSensor.All.Select((sensor, i) => (sensor, seconds.Select(s => s[i]).ToArray(),
            sensor.Healthy(new RandomStream(seed, (ulong)i), plant.Seconds).Select(sensor.Report).ToArray()));
    }

    private static void AssertOffset(PlantSensor sensor, double[] values, double[] healthy, int from, int to, double offset) =>
        Assert.All(Enumerable.Range(from, to - from), i => Assert.True(Near(sensor, values[i], healthy[i] + offset), $"{sensor.Name} at {i}: {values[i]}, healthy {healthy[i]}, level moved by {offset}"));

    /// <summary>Alike within the digits that the sensor reports.</summary>
    private static bool Near(PlantSensor sensor, double one, double other) => Math.Abs(one - other) <= 2.01 * Math.Pow(10, -sensor.Digits);
}
