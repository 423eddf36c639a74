using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>The whole module with a workload API that it cannot use.</summary>
public class WorkloadSocketTests
{
    [Fact]
    public async Task A_socket_that_the_module_may_not_open_is_told_in_one_sentence_and_tried_until_it_may()
    {
        const string sentence = "may not be opened by the user of this process; run the module as the user that owns it.";
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Stand.Workload(HubSite.Module).Deny(denied: true);
        using var gateway = site.RunUnprivileged();
        await gateway.SaysAsync(sentence);
        site.Stand.Workload(HubSite.Module).Deny(denied: false);
        await Eventually.HoldsAsync(() => site.Stand.Connected.Count == 1, () => $"it connects, but the gateway said:\n{gateway.Output}");
        Assert.Single(gateway.Output.Split(sentence).Skip(1));
        Assert.Equal(0, await gateway.StopAsync());
    }
}
