using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows;

public class SensorStateTests
{
    [Fact]
    public void A_sensor_takes_at_most_48_KiB()
    {
        var state = new SensorState(Any.Sensor());
        var (random, raw) = (new Random(3), new double[SensorFields.Count]);
        for (var i = 0; i < 200_000; i++)
        {
            state.Push(Any.Noon.AddMinutes(i), random.NextDouble() * 1e6, raw);
        }

        Assert.InRange(Written(state).Length, 20 * 1024, 48 * 1024);
    }

    [Fact]
    public void A_sensor_that_is_sampled_in_another_way_than_before_begins_anew()
    {
        var source = Any.Source() with { Sample = TimeSpan.FromSeconds(10) };
        var written = Written(new SensorState(Any.Sensor(source: source)));
        Assert.NotNull(Read(written, Any.Sensor(source: source)));
        Assert.Null(Read(written, Any.Sensor(source: source with { Sample = TimeSpan.FromSeconds(20) })));
        Assert.Null(Read(written, Any.Sensor()));
    }

    [Fact]
    public void A_sensor_of_a_snapshot_before_delays_and_hysteresis_goes_on()
    {
        const int limit = 49;
        var state = new SensorState(Any.Sensor());
        state.Push(Any.Noon, 3, new double[SensorFields.Count]);
        state.Limit.Resume(outside: true);
        var written = Written(state);
        var read = Read([.. written[8..(limit + 1)], .. written[(limit + 26)..]], Any.Sensor());
        Assert.Equal((1, Any.Noon, true, false), (read!.Samples, read.LastSample, read.Limit.Outside, read.Limit.IsPending));
        Assert.Equal(written, Written(read));
    }

    private static byte[] Written(SensorState state)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        state.WriteTo(writer);
        writer.Flush();
        return file.ToArray();
    }

    private static SensorState? Read(byte[] written, EdgeGateway.Ingest.Sensor sensor)
    {
        using var reader = new BinaryReader(new MemoryStream(written));
        return SensorState.Read(sensor, reader);
    }
}
