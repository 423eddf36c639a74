using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Tests.Updates.Slots;

public sealed class StartWatchTests : IDisposable
{
    private readonly TempFolder folder = new();
    private string boot = "one";
    private TimeSpan uptime = TimeSpan.FromMinutes(5);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Three_processes_that_died_with_a_package_are_too_many()
    {
        Die(2);
        Assert.False(Start().TookTooMany(SlotId.Model, "aa"));
        Die(1);
        Assert.True(Start().TookTooMany(SlotId.Model, "aa"));
        Assert.False(Start().TookTooMany(SlotId.Model, "bb"));
        Assert.False(Start().TookTooMany(new SlotId("pumps"), "aa"));
    }

    [Fact]
    public void A_power_cut_begins_anew()
    {
        Die(3);
        boot = "two";
        Assert.False(Start().TookTooMany(SlotId.Model, "aa"));
    }

    [Fact]
    public void What_is_longer_ago_than_ten_minutes_does_not_count()
    {
        Die(1);
        uptime += TimeSpan.FromMinutes(9);
        Die(1);
        uptime += TimeSpan.FromMinutes(2);
        Die(1);
        Assert.False(Start().TookTooMany(SlotId.Model, "aa"));
        Die(1);
        Assert.True(Start().TookTooMany(SlotId.Model, "aa"));
    }

    [Fact]
    public void A_process_that_loads_a_package_many_times_counts_once()
    {
        var watch = Start();
        for (var i = 0; i < 5; i++)
        {
            watch.Began(SlotId.Model, "aa");
        }

        Assert.False(Start().TookTooMany(SlotId.Model, "aa"));
    }

    [Fact]
    public void A_start_that_the_disk_did_not_take_is_counted_once_it_does()
    {
        var (watch, obstacle) = (Start(), Directory.CreateDirectory(folder.File("slots.json.tmp")));
        Assert.Throws<EdgeGateway.Storage.StorageException>(() => watch.Began(SlotId.Model, "aa"));
        obstacle.Delete();
        watch.Began(SlotId.Model, "aa");
        Die(2);
        Assert.True(Start().TookTooMany(SlotId.Model, "aa"));
    }

    [Fact]
    public void A_verdict_and_a_stop_in_order_clear_it()
    {
        Die(2);
        var judged = Start();
        judged.Began(SlotId.Model, "aa");
        judged.EndedWell(SlotId.Model, "aa");
        Die(2);
        var stopped = Start();
        stopped.Began(SlotId.Model, "aa");
        stopped.Stop();
        Die(2);
        Assert.False(Start().TookTooMany(SlotId.Model, "aa"));
    }

    private void Die(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Start().Began(SlotId.Model, "aa");
        }
    }

    private StartWatch Start() => new(SlotsFile.Open(folder.Path, out _), () => (boot, uptime));
}
