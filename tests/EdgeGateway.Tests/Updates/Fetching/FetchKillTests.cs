using System.Diagnostics;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Fetching in processes that are killed, and on disks that refuse.</summary>
public sealed class FetchKillTests : IAsyncLifetime
{
    private readonly FetchStand stand = new(FetchStand.Bytes(1_000_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => stand.DisposeAsync();

    [Fact]
    public async Task A_kill_at_any_byte_costs_no_more_than_what_was_on_its_way()
    {
        var (random, kills) = (new Random(5), new List<long>());
        while (kills.Count < 5)
        {
            Process? child = null;
            var cut = random.Next(150_000);
            stand.Server.Answer = async (request, stream) =>
            {
                await FetchStand.Honest(() => stand.Content, cut)(request, stream);
                await stream.FlushAsync();
                child!.Kill();
            };
            child = FetchChild.Start(stand);
            await child.WaitForExitAsync(Token);
            Assert.Equal(137, child.ExitCode);
            child.Dispose();
            Assert.False(File.Exists(stand.Path));
            kills.Add(File.Exists(stand.Part) ? new FileInfo(stand.Part).Length : 0);
        }

        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        using var last = FetchChild.Start(stand);
        await last.WaitForExitAsync(Token);
        Assert.Equal("Done", FetchChild.Outcome(stand));
        Assert.Equal(stand.Content, await File.ReadAllBytesAsync(stand.Path, Token));
        Assert.False(File.Exists(stand.Part));
        Assert.Equal(kills, stand.Server.Requests.Skip(1).Select(r => (long)r.From));
        Assert.Equal(kills.Order(), kills);
    }

    [Theory]
    [InlineData("pwrite64:error=ENOSPC:when=4+", "the disk is full, make room on the volume of the data folder", 0)]
    [InlineData("pwrite64:error=EIO:when=4+", "the disk refused", 1)]
    [InlineData("fsync:error=EIO:when=1+", "the disk refused", 0)]
    [InlineData("fsync:error=ENOSPC:when=1+", "the disk is full", 0)]
    public async Task A_disk_that_refuses_waits_and_a_full_one_gets_its_room_back(string injection, string sentence, int parts)
    {
        const string strace = "/usr/bin/strace";
        Assert.SkipUnless(File.Exists(strace), "strace is missing: this test breaks system calls with it.");
        using var child = FetchChild.Start(stand, strace, "-f", "--seccomp-bpf", "-P", stand.Part, "-e", "trace=fsync,pwrite64", "-e", $"inject={injection}", "-o", Path.Combine(stand.Folder, "trace"));
        await child.WaitForExitAsync(Token);
        Assert.SkipUnless(File.Exists(Path.Combine(stand.Folder, "outcome")), "strace may not trace here.");
        Assert.Contains(sentence, FetchChild.Outcome(stand), StringComparison.Ordinal);
        Assert.Equal((false, parts), (File.Exists(stand.Path), Directory.GetFiles(stand.Folder, "*.part").Length));
        await stand.FetchedAsync();
    }
}
