using System.Buffers;
using CsCheck;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

public sealed class SnapshotTests
{
    [Fact]
    public void A_restored_sensor_goes_on_bit_for_bit()
    {
        Gen.Select(Gen.Int[0, 2400], Gen.Int[0, 1000]).Sample(
            (before, seed) =>
            {
                var sensor = Fed(before, seed);
                var restored = Restore(Bytes(sensor));
                for (var i = before; i < before + 400; i++)
                    AssertSameBits(Next(sensor, i, seed), Next(restored, i, seed));
                Assert.Equal(Bytes(sensor), Bytes(restored));
            },
            iter: 60);
    }

    [Fact]
    public void A_snapshot_at_every_sample_changes_nothing()
    {
        var straight = new SensorFields();
        var interrupted = new SensorFields();
        for (var i = 0; i < 700; i++)
        {
            AssertSameBits(Next(straight, i, 3), Next(interrupted, i, 3));
            interrupted = Restore(Bytes(interrupted));
        }
    }

    [Fact]
    public void The_largest_snapshot_stays_below_its_bound()
    {
        var sensor = new SensorFields();
        var (random, raw) = (new Random(5), new double[SensorFields.Count]);
        for (var i = 0; i < 120_000; i++)
            sensor.Push(Math.Pow(10, random.NextDouble() * 12 - 6), 1.6e9 + i * 300.0, raw);
        var bytes = Bytes(sensor);
        // everything is full by now, and the histograms were halved many times; only their empty ends are not stored
        const int AllBins = 22 * 100 * sizeof(float);
        Assert.InRange(bytes.Length, 34_000, SensorFields.LargestSnapshot - AllBins);
        Assert.Equal(bytes, Bytes(Restore(bytes)));
    }

    [Fact]
    public void Nothing_but_a_whole_snapshot_is_read()
    {
        var bytes = Bytes(Fed(900, 1));
        Gen.Int[0, bytes.Length - 1].Sample(length => Assert.False(SensorFields.TryRead(bytes.AsSpan(0, length), out _)), iter: 200);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 7]).Sample(
            (at, bit) =>
            {
                var changed = bytes.ToArray();
                changed[at] ^= (byte)(1 << bit);
                Assert.False(SensorFields.TryRead(changed, out _));
            },
            iter: 200);
        Assert.False(SensorFields.TryRead([.. bytes, 0], out _));
        Assert.False(SensorFields.TryRead(new byte[SensorFields.LargestSnapshot + 1], out _));
        Gen.Byte.Array[0, 2000].Sample(random => Assert.False(SensorFields.TryRead(random, out _)));
    }

    [Fact]
    public void A_body_that_lies_about_its_numbers_does_no_harm()
    {
        var body = Bytes(Fed(1500, 2))[1..^16];
        Gen.Select(Gen.Int[0, body.Length - 1], Gen.Byte.Array[1, 16]).Sample(
            (at, noise) =>
            {
                var changed = body.ToArray();
                noise.AsSpan(0, Math.Min(noise.Length, body.Length - at)).CopyTo(changed.AsSpan(at));
                if (!SnapshotFormat.TryReadBody(changed, out var sensor))
                    return;
                for (var i = 0; i < 60; i++)
                    Assert.All(Next(sensor, 1500 + i, 2), value => Assert.False(double.IsInfinity(value)));
                Assert.InRange(Bytes(sensor).Length, 1, SensorFields.LargestSnapshot);
            },
            iter: 500);
        Gen.Byte.Array[0, 3000].Sample(random => { _ = SnapshotFormat.TryReadBody(random, out _); });
    }

    private static SensorFields Fed(int samples, int seed)
    {
        var sensor = new SensorFields();
        for (var i = 0; i < samples; i++)
            Next(sensor, i, seed);
        return sensor;
    }

    // The seed moves the beginning of our recording, so that its faults meet other ages.
    private static double[] Next(SensorFields sensor, int i, int seed)
    {
        var raw = new double[SensorFields.Count];
        var (seconds, value) = Recording[(i + seed) % Recording.Count];
        sensor.Push(value, seconds, raw);
        return raw;
    }

    private static readonly List<(double Seconds, double Value)> Recording = SyntheticSeries.Make(2200);

    private static byte[] Bytes(SensorFields sensor)
    {
        var writer = new ArrayBufferWriter<byte>();
        sensor.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static SensorFields Restore(byte[] bytes)
    {
        Assert.True(SensorFields.TryRead(bytes, out var sensor));
        return sensor;
    }

    private static void AssertSameBits(double[] expected, double[] actual) =>
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));
}
