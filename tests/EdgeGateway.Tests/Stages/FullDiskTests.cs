using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Stages;

public class FullDiskTests
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly FullDisk disk;
    private int tries;

    public FullDiskTests() => disk = new FullDisk(clock, NullLogger<FullDisk>.Instance);

    [Fact]
    public async Task What_finds_no_room_is_tried_again_until_there_is_some()
    {
        var stored = disk.WaitOutAsync(() => Refuse(StorageFault.Full, times: 2), TestContext.Current.CancellationToken);
        Assert.False(stored.IsCompleted);
        clock.Advance(FullDisk.Pause);
        Assert.False(stored.IsCompleted);
        clock.Advance(FullDisk.Pause);
        await stored;
        Assert.Equal(3, tries);
    }

    [Theory]
    [InlineData(StorageFault.Failed)]
    [InlineData(StorageFault.ReadOnly)]
    [InlineData(StorageFault.Damaged)]
    public async Task Every_other_fault_of_the_disk_goes_on(StorageFault fault)
    {
        var stored = disk.WaitOutAsync(() => Refuse(fault, times: 1), TestContext.Current.CancellationToken);
        Assert.True(stored.IsFaulted);
        await Assert.ThrowsAsync<StorageException>(() => stored);
        Assert.Equal(1, tries);
    }

    private void Refuse(StorageFault fault, int times)
    {
        if (tries++ < times)
        {
            throw new StorageException(fault, "gateway.db", "told to");
        }
    }
}
