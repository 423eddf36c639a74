using System.Text;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;

namespace EdgeGateway.Tests.Hub;

public sealed class HubAlertSinkTests : IDisposable
{
    private static readonly OutboxEntry Entry = new(
        7, "abcdefghij2345672345", 2, "l1/p1", 412, "updated", Any.Noon, Encoding.UTF8.GetBytes("""{"subject":"l1/p1","data":{"kind":"drift","family":"anomaly","severity":412,"transition":"updated"}}"""));

    private readonly FakeHub hub = new();
    private readonly TempFolder folder = new();
    private readonly GatewayStore store;

    public HubAlertSinkTests() => store = GatewayStore.Open(folder.Path, TimeProvider.System);

    private HubAlertSink Sink => new(hub, new HubBudget(store, new DeliveryState(Any.Settings()), TimeProvider.System), TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_alert_goes_to_the_output_alerts_under_the_same_id_at_every_attempt()
    {
        var sink = Sink;
        hub.Fault = HubFault.Unavailable;
        await Assert.ThrowsAsync<HubException>(() => sink.SendAsync(Entry, Token));
        hub.Fault = null;
        await sink.SendAsync(Entry, Token);
        Assert.Equal(["abcdefghij2345672345.2", "abcdefghij2345672345.2"], hub.Sent.Select(m => m.Id));
        Assert.All(hub.Sent, m => Assert.Equal(("alerts", Entry.Body), (m.Output, m.Body)));
        Assert.Equal("kind=drift,family=anomaly,severity=412,transition=updated", string.Join(',', hub.Sent[0].Properties.Select(p => $"{p.Key}={p.Value}")));
        Assert.Equal("hub", sink.Name);
    }

    [Theory]
    [InlineData(HubFault.TooLarge)]
    [InlineData(HubFault.Refused)]
    internal async Task What_the_hub_never_takes_is_a_dead_letter(HubFault fault)
    {
        hub.Fault = fault;
        await Assert.ThrowsAsync<DeadLetterException>(() => Sink.SendAsync(Entry, Token));
    }

    private sealed class FakeHub : IHubClient
    {
        public List<HubMessage> Sent { get; } = [];

        public HubFault? Fault { get; set; }

        public HubIdentity Identity { get; } = new("h", "d", "m");

        public Task RunAsync(HubHandlers handlers, CancellationToken token) => throw new NotSupportedException();

        public Task SendAsync(HubMessage message, CancellationToken token)
        {
            Sent.Add(message);
            return Fault is { } fault ? Task.FromException(new HubException(fault, "no")) : Task.CompletedTask;
        }

        public Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token) => throw new NotSupportedException();

        public Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token) => throw new NotSupportedException();
    }
}
