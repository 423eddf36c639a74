using System.Text.Json.Nodes;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Hubstand;
using Hubstand.Identities;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

/// <summary>Our client and the stand-in on one fake clock.</summary>
internal sealed class HubBench : IAsyncDisposable
{
    public const string Module = "edgeGateway";

    private HubBench(HubStand stand, FakeTimeProvider clock) => (Stand, Clock) = (stand, clock);

    public HubStand Stand { get; }

    public FakeTimeProvider Clock { get; }

    public Accounting Accounting { get; } = new();

    public IdentityName Name => Stand.NameOf(Module);

    public static async Task<HubBench> StartAsync(Func<HubStandOptions, HubStandOptions>? change = null)
    {
        var clock = new FakeTimeProvider(Any.Noon);
        var options = new HubStandOptions { Clock = clock };
        return new HubBench(await HubStand.StartAsync(change?.Invoke(options) ?? options), clock);
    }

    public Dictionary<string, string> Variables => new() { ["EdgeHubConnectionString"] = Stand.ConnectionString(Name), ["EdgeModuleCACertificateFile"] = Stand.CaFile };

    /// <summary>An owner of a client of ours, not yet running.</summary>
    public HubOwner Owner(IReadOnlyDictionary<string, string>? variables = null, TimeProvider? clock = null, Func<bool>? clockIsSet = null, HubSettings? settings = null, Random? jitter = null) =>
        new(Hubs.Client(variables ?? Variables, Stand, clock ?? Clock, HubTransport.Tcp, Accounting, clockIsSet: clockIsSet, settings: settings, jitter: jitter));

    /// <summary>Waits until something holds, and lets fake time pass meanwhile.</summary>
    public Task PassUntilAsync(Func<bool> condition, string what, TimeSpan? step = null) => Until.HoldsAsync(condition, () => what, () => Clock.Advance(step ?? TimeSpan.FromSeconds(1)));

    /// <summary>Lets this much fake time pass, in steps, with a little real time for the other threads in each.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan step)
    {
        var end = Clock.GetUtcNow() + time;
        await Until.HoldsAsync(() => Clock.GetUtcNow() >= end, () => "time passes", () => Clock.Advance(step));
    }

    public void Desire(int value) => Stand.PatchDesired(Name, new JsonObject { ["a"] = value });

    public ValueTask DisposeAsync() => Stand.DisposeAsync();
}
