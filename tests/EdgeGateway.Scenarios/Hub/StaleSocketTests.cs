using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>A class of its own, for it takes minutes: the back-off of the whole process is not told the time.</summary>
public class StaleSocketTests
{
    [Fact]
    public async Task A_workload_socket_that_stays_stale_ends_the_process_with_1_and_one_sentence_so_that_the_runtime_starts_it_with_another()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.WriteSiteSettings();
        using var gateway = site.Run();
        await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
        Assert.Equal(0, await gateway.StopAsync());
        site.Stand.Workload(HubSite.Module).LeaveStale();
        using var stale = site.Run();
        Assert.Equal(1, await stale.ExitAsync(TimeSpan.FromMinutes(6)));
        var last = stale.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Contains("[FTL]", StringComparison.Ordinal)).ToList();
        Assert.Contains("the module ends so that the runtime starts it with a new socket", Assert.Single(last), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", stale.Output, StringComparison.Ordinal);
    }
}
