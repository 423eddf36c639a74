using CsCheck;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Recordings;

/// <summary>The recorder beside faults, limits, clocks that are set and time that passes, in any order.</summary>
public class RecorderProperties
{
    private static readonly Sensor[] Sensors = [.. new[] { "a/1", "a/2", "b/1" }.Select(id => Any.Sensor(id, id[..1], Any.Source() with { Ranges = Any.Source().Ranges.Add("", new(0, 1)) }))];

    private static readonly Gen<(int Kind, int Which, int Amount)[]> Steps = Gen.Select(Gen.Int[0, 6], Gen.Int[0, Sensors.Length - 1], Gen.Int[1, 40]).Array[1, 100];

    [Fact]
    public void Whatever_happens_every_alert_is_in_a_recording_and_every_recording_is_in_order_and_bounded() => Steps.Sample(
        steps =>
        {
            var (bench, whole) = (new RecorderBench(), new List<Recording>());
            bench.Hops(2, isWrong: false, Sensors);
            foreach (var (kind, which, amount) in steps)
            {
                Step(bench, kind, Sensors[which], amount);
                whole.AddRange(bench.Whole());
            }

            bench.Recorder.Complete();
            whole.AddRange(bench.Whole());
            var recorded = whole.SelectMany(r => r.Alerts).Select(a => a.AlertId).ToHashSet();
            Assert.All(bench.Seen.Where(a => a.Transition == Transition.Raised && a.Family is Family.Anomaly or Family.Limit), a => Assert.Contains(a.AlertId, recorded));
            Assert.All(whole.SelectMany(r => r.Sensors), s =>
            {
                Assert.InRange(s.Samples.Length, 1, 2880 + 10);
                Assert.All(s.Samples.Zip(s.Samples.Skip(1)), pair => Assert.True(pair.First.Ticks < pair.Second.Ticks));
            });
        },
        iter: 200);

    private static void Step(RecorderBench bench, int kind, Sensor sensor, int amount)
    {
        switch (kind)
        {
            case 0 or 1:
                bench.Hops(amount, isWrong: false, Sensors);
                break;
            case 2:
                bench.Hops(3, isWrong: true, sensor);
                break;
            case 3 or 4:
                bench.Limit(sensor, outside: kind == 3);
                break;
            case 5:
                bench.SetClock(sensor, bench.NextSample(sensor) / 2);
                bench.Hops(1, isWrong: false, sensor);
                break;
            default:
                bench.Pass(TimeSpan.FromMinutes(amount));
                break;
        }
    }
}
