using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>Disks that are full, that refuse, and files that cannot be used.</summary>
public class StateOnDiskTests
{
    /// <summary>Where the last byte of the schema's number lies in a database (SQLite file format, section 1.3).</summary>
    private const int UserVersion = 63;

    private const string Reading = "edgegateway-" + Site.Gateway + " is connected";

    [Fact]
    public async Task A_full_disk_is_waited_out_and_no_alert_is_lost()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var disk = SmallDisk.Mount(site.Data);
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        disk.Fill();
        await site.PublishAsync("end", Enumerable.Range(0, 40).Select(second => $$"""{"ts":"2025-01-01T00:00:{{second:00}}Z","v":{{(second % 2) * 2}}}"""));
        await gateway.SaysAsync("the disk is full");
        disk.Free();
        await gateway.SaysAsync("There is room on the disk again");
        await Eventually.HoldsAsync(() => subscriber.Transitions().Distinct().Count(t => t.Family == "limit") == 7, () => $"three alerts with their ends and a fourth, which is flapping and stays open, but the gateway said:\n{gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_stop_while_the_disk_is_full_is_no_success()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var disk = SmallDisk.Mount(site.Data);
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        disk.Fill();
        await site.PublishAsync("end", Enumerable.Range(0, 40).Select(second => $$"""{"ts":"2025-01-01T00:00:{{second:00}}Z","v":{{(second % 2) * 2}}}"""));
        await gateway.SaysAsync("the disk is full");
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(1, await gateway.StopAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.DoesNotContain("Unhandled exception", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_any_more_ends_the_process_with_1()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        using var fault = Tool.Start(Tool.Require("strace"), "-f", "-p", $"{gateway.Id}", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-o", site.PathOf("trace"));
        await Eventually.HoldsAsync(() => File.Exists(site.PathOf("trace")) || fault.HasExited, "strace is attached");
        Assert.SkipWhen(fault.HasExited, "strace may not trace here: the test breaks system calls with it.");
        await site.PublishAsync("end", Enumerable.Range(0, 40).Select(second => $$"""{"ts":"2025-01-01T00:00:{{second:00}}Z","v":{{(second % 2) * 2}}}"""));
        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains("the disk refused", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", gateway.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "is not version")]
    [InlineData(200, "")]
    public async Task A_snapshot_that_cannot_be_used_is_told_and_kept_aside(int damagedByte, string reason)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using (var first = site.Run())
        {
            await first.SaysAsync(Reading);
            await site.PublishAsync(Site.PlantMessages(seed: 3, seconds: 20));
            Assert.Equal(0, await first.StopAsync());
        }

        var path = Path.Combine(site.Data, "sensors.snapshot");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[damagedByte] ^= 0x10;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        using var gateway = site.Run();
        await gateway.SaysAsync("sensors.snapshot could not be used and was begun anew");
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Kind == "disk"), () => $"the alert of the disk, but the gateway said:\n{gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Contains(reason, gateway.Output, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(site.Data, "sensors.snapshot.damaged-*")), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData("gateway.db", "gateway.db could not be used and was begun anew", "gateway.db.damaged-*")]
    [InlineData("settings.last-good.json", "settings.last-good.json cannot be used and is left out", "settings.last-good.json.damaged")]
    [InlineData("updates/slots.json", "slots.json cannot be used", "slots.json.damaged")]
    public async Task A_file_that_is_damaged_is_told_kept_aside_and_an_alert_says_so(string file, string said, string aside)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using (var first = site.Run())
        {
            await first.SaysAsync(Reading);
            Assert.Equal(0, await first.StopAsync());
        }

        var path = Path.Combine(site.Data, file);
        await File.WriteAllTextAsync(path, "this is none of ours", TestContext.Current.CancellationToken);
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        using var gateway = site.Run();
        await gateway.SaysAsync(said);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Kind == "disk"), () => $"the alert of the disk, but the gateway said:\n{gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Equal("this is none of ours", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!, aside)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_older_version_on_the_file_of_a_newer_one_says_so_keeps_it_aside_and_goes_on_with_its_alerts()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = await site.SubscribeAsync();
        using (var newer = site.Run())
        {
            await newer.SaysAsync(Reading);
            await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
            await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Family == "limit"), () => $"an alert, but the gateway said:\n{newer.Output}");
            Assert.Equal(0, await newer.StopAsync());
        }

        var path = Path.Combine(site.Data, "gateway.db");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[UserVersion]++;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        using var older = site.Run();
        await older.SaysAsync("was written by a newer module, this one knows");
        await older.SaysAsync(Reading);
        await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:01Z","v":0.5}"""]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t is { Family: "limit", Transition: "cleared" }), () => $"the end of the alert, but the gateway said:\n{older.Output}");
        Assert.Single(subscriber.Transitions().Where(t => t.Family == "limit").Select(t => t.AlertId).Distinct());
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Kind == "disk"), () => $"the alert of the disk, but the gateway said:\n{older.Output}");
        Assert.Equal(0, await older.StopAsync());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(site.Data, "gateway.db.damaged-*")), TestContext.Current.CancellationToken));
    }

    /// <summary>A volume of 4 MiB in memory under the data folder; needs the right to mount.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string folder;

        private SmallDisk(string folder) => this.folder = folder;

        public static SmallDisk Mount(string folder)
        {
            Directory.CreateDirectory(folder);
            Assert.SkipWhen(Run("mount", "-t", "tmpfs", "-o", "size=4m", "none", folder) != 0, "this process may not mount: the test needs a small volume of its own.");
            return new SmallDisk(folder);
        }

        /// <summary>Takes all of the room.</summary>
        public void Fill()
        {
            using var filler = new FileStream(Path.Combine(folder, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            try
            {
                while (true)
                {
                    filler.Write(block);
                }
            }
            catch (IOException)
            {
                // it is full
            }
        }

        public void Free() => File.Delete(Path.Combine(folder, "filler"));

        public void Dispose() => Run("umount", "-l", folder);

        private static int Run(string program, params string[] arguments)
        {
            using var process = Tool.Start(Tool.Require(program), arguments);
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
