using CsCheck;
using EdgeGateway.Ingest;

namespace EdgeGateway.Tests.Ingest;

public class JournalBatchTests
{
    private static readonly SensorRegistry Registry = new(Any.Settings(Any.Source("plant/{pump}", null, "/ts", "p", "q")));

    /// <summary>Made once: a registry is not for several threads, which the property test has.</summary>
    private static readonly Sensor[] Sensors = [.. Enumerable.Range(0, 4).Select(i => Registry.Restore($"plant/p{1 + (i % 2)}", i < 2 ? "p" : "q")!)];

    [Fact]
    public void A_batch_gives_back_message_by_message_what_was_put_into_it()
    {
        var readings = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 100_000], Gen.Double);
        readings.List[1, 4].List[1, 20].Sample(messages =>
        {
            using var batch = new JournalBatch();
            var written = messages.Select(m => m.Select((r, i) => Reading(r.Item1, r.Item2, r.Item3, i == m.Count - 1)).ToList()).ToList();
            written.ForEach(m => batch.Add(1, m));
            List<List<SensorReading>> read = [];
            JournalBatch.Read(batch.Bytes.ToArray(), Registry, m => read.Add([.. m]));
            return read.Count == written.Count && read.Zip(written).All(pair => pair.First.SequenceEqual(pair.Second));
        });
    }

    [Fact]
    public void Sensors_whose_source_is_gone_are_left_out_and_the_others_stay()
    {
        using var batch = new JournalBatch();
        batch.Add(1, [Reading(0, 1, 5, true)]);
        batch.Add(2, [Reading(1, 1, 6, true)]);
        List<string> seen = [];
        JournalBatch.Read(batch.Bytes.ToArray(), new SensorRegistry(Any.Settings(Any.Source("plant/p1", null, "/ts", "p"))), m => seen.AddRange(m.Select(r => r.Sensor.Id)));
        Assert.Equal(["plant/p1/p"], seen);
    }

    [Fact]
    public void A_message_without_readings_counts_and_takes_no_room()
    {
        using var batch = new JournalBatch();
        batch.Add(7, []);
        Assert.Equal((1, 7L, false, 0), (batch.Messages, batch.Through, batch.IsEmpty, batch.Bytes.Length));
    }

    private static SensorReading Reading(int sensor, int second, double value, bool last) => new(
        Sensors[sensor], Any.Noon.AddSeconds(second), value, Any.Noon.AddSeconds(second + 1), ClockStep: false, last);
}
