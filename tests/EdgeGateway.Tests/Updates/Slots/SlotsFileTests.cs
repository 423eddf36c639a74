using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Tests.Updates.Slots;

public sealed class SlotsFileTests : IDisposable
{
    private static readonly SlotId Pumps = new("pumps");
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_changed_is_there_at_the_next_start()
    {
        var file = Open();
        Assert.True(file.IsNew);
        var state = SlotState.Empty with
        {
            Active = new InstalledPackage("phi", 7, 1, "aa", 2),
            Candidate = new Candidate("bb", 8, "https://store/manifest.json", UpdateOrigin.Settings, true, Any.Noon, UpdateStep.WarmUp),
            Wish = new PackageWish(8, "https://store/manifest.json", "bb", 1),
            Refused = [new RefusedPackage("cc", 6, "threshold", "why", Any.Noon, false)],
            Starts = [new StartAttempt("bb", "boot", TimeSpan.FromSeconds(3))],
        };
        file.Change(SlotId.Model, _ => state);
        file.Change(Pumps, before => before with { Confirmed = false });
        file.Saw("bb");

        var again = Open();
        Assert.False(again.IsNew);
        Assert.Equal([Pumps, SlotId.Model], again.All.OrderBy(s => s.ToString(), StringComparer.Ordinal));
        Assert.Equivalent(state, again[SlotId.Model], strict: true);
        Assert.False(again[Pumps].Confirmed);
        Assert.True(again.WasSeen("bb"));
        again.Forget(["bb"]);
        Assert.False(Open().WasSeen("bb"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "format": 2, "slots": {}, "seen": [] }""")]
    [InlineData("""{ "format": 1, "slots": { "model": {} }, "seen": [] }""")]
    [InlineData("""{ "format": 1, "slots": { "motor": null }, "seen": [] }""")]
    public void A_damaged_file_is_put_aside_and_said(string content)
    {
        var path = folder.File("slots.json");
        File.WriteAllText(path, content);
        Assert.Throws<StorageException>(() => SlotsFile.Look(folder.Path));
        var file = SlotsFile.Open(folder.Path, out var problem);
        Assert.Contains("was put aside as slots.json.damaged", problem, StringComparison.Ordinal);
        Assert.True(file.IsNew);
        Assert.Equal(content, File.ReadAllText(path + ".damaged"));
    }

    [Fact]
    public void What_the_disk_does_not_take_has_not_happened()
    {
        var file = Open();
        file.Change(Pumps, before => before with { Confirmed = false });
        Directory.CreateDirectory(folder.File("slots.json.tmp"));
        Assert.ThrowsAny<Exception>(() => file.Change(Pumps, before => before with { Confirmed = true }));
        Assert.False(file[Pumps].Confirmed);
    }

    [Fact]
    public void Of_refusals_the_newest_eight_are_remembered()
    {
        var state = Enumerable.Range(1, 20).Aggregate(SlotState.Empty, (s, i) => s.Refuse(new RefusedPackage($"{i}", i, "engine", "", Any.Noon, false)));
        Assert.Equal(Enumerable.Range(13, 8).Select(i => (int?)i), state.Refused.Select(r => r.Release));
        Assert.Single(state.Refuse(state.Refused[0]).Refused, r => r.Sha256 == "13");
        Assert.Null(state.Forgive("20").RefusalOf("20"));
    }

    private SlotsFile Open()
    {
        var file = SlotsFile.Open(folder.Path, out var problem);
        Assert.Null(problem);
        return file;
    }
}
