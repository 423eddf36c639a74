using EdgeGateway.PhiTrain.Adapters;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;

namespace EdgeGateway.Tests.PhiTrain;

public sealed class DevicePartsTests
{
    [Fact]
    public void Recordings_of_one_device_are_held_back_together()
    {
        var recordings = Devices(9).SelectMany(d => new[] { Recording($"{d}-a.csv", d), Recording($"{d}-b.csv", d) }).ToArray();
        var parts = DeviceParts.Of(recordings);
        Assert.Equal(4, parts.Length);
        Assert.Equal(Enumerable.Range(0, recordings.Length), parts.SelectMany(p => p).Order());
        Assert.All(Devices(9), device => Assert.Single(parts, part => part.Any(r => recordings[r].Device == device)));
    }

    [Fact]
    public void Devices_with_events_are_dealt_out_evenly()
    {
        var recordings = Devices(12).Select((d, i) => Recording($"{d}.csv", d, hasEvent: i < 4)).ToArray();
        Assert.All(DeviceParts.Of(recordings), part => Assert.Equal((3, 1), (part.Length, part.Count(r => r < 4))));
    }

    [Fact]
    public void Three_devices_are_three_parts() => Assert.Equal(3, DeviceParts.Of([.. Devices(3).Select(d => Recording($"{d}.csv", d))]).Length);

    [Fact]
    public void With_fewer_devices_each_recording_stands_for_itself() =>
        Assert.All(DeviceParts.Of([.. Enumerable.Range(0, 8).Select(i => Recording($"{i}.csv", "pump"))]), part => Assert.Equal(2, part.Length));

    [Fact]
    public void The_order_of_the_files_does_not_matter()
    {
        var recordings = Devices(10).Select(d => Recording($"{d}.csv", d)).ToArray();
        LabelledRecording[] other = [.. recordings.Reverse()];
        Assert.Equal(Names(recordings), Names(other));

        static IEnumerable<string> Names(LabelledRecording[] recordings) =>
            DeviceParts.Of(recordings).Select(part => string.Join(' ', part.Select(r => recordings[r].Name).Order(StringComparer.Ordinal)));
    }

    private static string[] Devices(int count) => [.. Enumerable.Range(0, count).Select(i => $"pump {i}")];

    private static LabelledRecording Recording(string name, string device, bool hasEvent = true) =>
        new(name, name, new SeriesLabels(["v"], hasEvent ? [[500, 520]] : [], "pumps", 60, 400) { Device = device });
}
