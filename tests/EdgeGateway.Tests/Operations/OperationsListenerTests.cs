using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Operations;

/// <summary>What Docker and Kubernetes are told.</summary>
public sealed class OperationsListenerTests : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly Watchdog watchdog;
    private readonly OperationsListener listener;
    private readonly GatewayStore store;
    private readonly HttpClient http = new();

    public OperationsListenerTests()
    {
        (watchdog, store) = (new Watchdog(state, clock), GatewayStore.Open(folder.Path, clock));
        listener = new OperationsListener(state, new GatewayMetrics(state, null, watchdog), watchdog, NullLogger<OperationsListener>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await listener.DisposeAsync();
        watchdog.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Ready_is_a_gateway_whose_stages_run()
    {
        await ListenAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, GatewayState.NotRunning), await GetAsync("/healthz/ready"));
        Assert.Equal((HttpStatusCode.OK, "live"), await GetAsync("/healthz/live"));
        state.Running = Any.Running(store, clock);
        Assert.Equal((HttpStatusCode.OK, "ready"), await GetAsync("/healthz/ready"));
    }

    [Fact]
    public async Task One_that_hangs_is_not_live_and_says_why()
    {
        var pulses = new StagePulses();
        state.Running = Any.Running(store, clock) with { Pulses = pulses };
        await ListenAsync();
        pulses.Verdicts.Begin();
        for (var half = 0; half < 12; half++)
        {
            watchdog.Look();
            clock.Advance(TimeSpan.FromSeconds(30));
        }

        watchdog.Look();
        var (status, said) = await GetAsync("/healthz/live");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("The stage Verdicts has not got on for", said, StringComparison.Ordinal);
    }

    private async Task ListenAsync()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await listener.UseAsync(port);
        http.BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    private async Task<(HttpStatusCode Status, string Said)> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Trim());
    }
}
