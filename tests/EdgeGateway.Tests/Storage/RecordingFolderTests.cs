using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>Recordings on disk: what was written is read, and no more bytes than allowed lie there.</summary>
public sealed class RecordingFolderTests : IDisposable
{
    private const long Plenty = 1_000_000;
    private static readonly RecordedAlert Alert = new("abcdefghij2345672345", "p/flow", Any.Noon, null);
    private readonly TempFolder folder = new();
    private readonly RecordingFolder recordings;

    public RecordingFolderTests() => recordings = new RecordingFolder(folder.Path, new FakeTimeProvider(Any.Noon) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) });

    private string[] Files => [.. Directory.GetFiles(Path.Combine(folder.Path, "recordings")).Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        var written = new Recording(
            "l1/p", "pumps", [Alert, Alert with { End = Any.Noon.AddHours(1) }],
            [new RecordedSensor("l1/p/flow", "m³/h", [new(Any.Noon.UtcTicks, 1.5), new(Any.Noon.UtcTicks + 3, double.NaN)]), new RecordedSensor("l1/p/x", "", [new(Any.Noon.UtcTicks, -1e300)])]);
        Assert.True(recordings.Add(written, Plenty));
        var read = Assert.Single(RecordingFolder.Read(folder.Path))!;
        Assert.Equal((written.Asset, written.Source), (read.Asset, read.Source));
        Assert.Equal(written.Alerts, read.Alerts);
        Assert.Equal(written.Sensors.Select(s => (s.Id, s.Unit)), read.Sensors.Select(s => (s.Id, s.Unit)));
        Assert.Equal(written.Sensors.SelectMany(s => s.Samples), read.Sensors.SelectMany(s => s.Samples));
    }

    [Fact]
    public void Each_byte_that_is_wrong_makes_it_unreadable_and_never_a_crash()
    {
        var bytes = Of("p", samples: 3, Alert).ToBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;
            Assert.Null(Recording.Read(damaged));
            Assert.Null(Recording.Read(bytes.AsSpan(0, i)));
        }
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_of_normal_operation_make_room_and_then_the_oldest_around_alerts()
    {
        var size = Of("a0", 50, Alert).ToBytes().Length + 20;
        string[] Kept(params string[] added)
        {
            foreach (var name in added)
            {
                Assert.True(recordings.Add(name[0] == 'a' ? Of(name, 50, Alert) : Of(name, 50), 4 * size));
            }

            return [.. RecordingFolder.Read(folder.Path).Select(r => r!.Asset).Order(StringComparer.Ordinal)];
        }

        Assert.Equal(["a1", "n1", "n2", "n3"], Kept("n1", "a1", "n2", "n3"));
        Assert.Equal(["a1", "a2", "n2", "n3"], Kept("a2"));
        Assert.Equal(["a1", "a2", "n3", "n4"], Kept("n4"));
        Assert.Equal(["a3", "a4", "a5", "a6"], Kept("a3", "a4", "a5", "a6"));
        Assert.False(recordings.Add(Of("n5", 50), 4 * size));
        Assert.Equal(["a3", "a4", "a5", "a6"], Kept());
    }

    [Fact]
    public void One_that_is_larger_than_the_bound_is_left_out()
    {
        Assert.False(recordings.Add(Of("p", 1000, Alert), 200));
        Assert.Empty(Files);
    }

    [Fact]
    public void What_a_kill_left_half_written_is_cleared_away()
    {
        recordings.Add(Of("p", 5, Alert), Plenty);
        File.WriteAllText(Files[0] + ".tmp", "half");
        recordings.Add(Of("q", 5, Alert), Plenty);
        Assert.Equal(2, Files.Length);
    }

    [Fact]
    public void Of_a_gateway_without_recordings_there_are_none() => Assert.Empty(RecordingFolder.Read(folder.Path));

    private static Recording Of(string asset, int samples, params RecordedAlert[] alerts) =>
        new(asset, "pumps", [.. alerts], [new RecordedSensor($"{asset}/v", "bar", [.. Enumerable.Range(0, samples).Select(i => new SensorSample(Any.Noon.AddSeconds(i).UtcTicks, Math.Sin(i)))])]);
}
