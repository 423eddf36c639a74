using System.Text.Json.Nodes;
using Hubstand.Hub;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

/// <summary>What happens to a running client whose identity is changed, or whose clock is wrong.</summary>
public class HubIdentityTests
{
    [Fact]
    public async Task An_identity_that_is_disabled_and_enabled_again_connects_again()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Change(bench.Name, i => i with { Enabled = false });
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is refused");
        bench.Stand.Change(bench.Name, i => i with { Enabled = true });
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects");
    }

    [Fact]
    public async Task One_that_is_deleted_and_made_again_with_its_key_is_refused_slowly_meanwhile_and_its_new_twin_is_read()
    {
        await using var bench = await HubBench.StartAsync();
        var before = bench.Stand.Register(bench.Name);
        bench.Desire(1);
        var versions = new List<long>();
        await using var owner = bench.Owner();
        owner.OnConnected = async token => versions.Add((long)JsonNode.Parse((await owner.Client.GetTwinAsync(token)).Span)!["desired"]!["$version"]!);
        await owner.Start().ConnectedAsync();
        bench.Stand.Delete(bench.Name);
        await Until.HoldsAsync(() => owner.Causes.Any(c => c.Contains("does not know the identity", StringComparison.Ordinal)), "it is refused");
        bench.Stand.Register(bench.Name);
        await bench.PassAsync(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(1));
        Assert.Equal(1, bench.Stand.Counters[HubEvent.RefusedNotAuthorized]);
        await bench.PassUntilAsync(() => bench.Stand.Counters[HubEvent.RefusedNotAuthorized] == 2, "another key is refused too");
        bench.Stand.Change(bench.Name, i => i with { PrimaryKey = before.PrimaryKey });
        await bench.PassUntilAsync(() => owner.Connects == 2, "its own key does");
        Assert.Equal([2, 1], versions);
    }

    [Fact]
    public async Task One_that_is_made_again_under_the_runtime_signs_with_its_new_key()
    {
        await using var bench = await HubBench.StartAsync();
        var before = bench.Stand.Register(bench.Name);
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await owner.ConnectedAsync();
        bench.Stand.Delete(bench.Name);
        await bench.PassUntilAsync(() => owner.Causes.Any(c => c.Contains("has no generation", StringComparison.Ordinal)), "nothing is signed");
        Assert.NotEqual(before.PrimaryKey, bench.Stand.Change(bench.Name, i => i with { GenerationId = before.GenerationId }).PrimaryKey);
        await bench.PassUntilAsync(() => owner.Connects == 2, "it connects");
    }

    [Fact]
    public async Task A_refusal_under_a_clock_that_cannot_be_right_asks_for_the_clock()
    {
        await using var bench = await HubBench.StartAsync();
        var past = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var owner = bench.Owner(clock: past, clockIsSet: () => false).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Contains("our clock shows 1970-01-01 00:00 UTC, which cannot be: set the clock", owner.Causes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_under_a_clock_that_is_years_behind_shows_what_it_says_and_it_connects_once_the_clock_is_right()
    {
        await using var bench = await HubBench.StartAsync();
        var behind = new FakeTimeProvider(Any.Noon.AddYears(-2));
        await using var owner = bench.Owner(clock: behind).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is told");
        Assert.Contains("our clock shows 2024-11-24 12:00 UTC", owner.Causes.Single(), StringComparison.Ordinal);
        behind.SetUtcNow(Any.Noon);
        await Until.HoldsAsync(() => owner.Connects == 1, () => "it connects", () => behind.Advance(TimeSpan.FromSeconds(1)));
    }
}
