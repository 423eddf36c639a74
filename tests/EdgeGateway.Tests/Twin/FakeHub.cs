using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Hub;
using EdgeGateway.Twin;
using Hubstand.Twins;

namespace EdgeGateway.Tests.Twin;

/// <summary>A hub with one twin, whose answers can fail. What is reported must keep the limits of twins, and come one at a time.</summary>
internal sealed class FakeHub : IHubClient
{
    private readonly Lock gate = new();
    private int inFlight;
    private readonly Channel<JsonObject> patches = Channel.CreateBounded<JsonObject>(1000);

    public HubIdentity Identity { get; } = new("hub.example", "edge-1", "gateway");

    public JsonObject Desired { get; set; } = Json("""{"$version":1}""");

    public JsonObject Reported { get; } = Json("""{"$version":1}""");

    /// <summary>What the next calls answer in place of doing anything.</summary>
    public Queue<HubException> Faults { get; } = new();

    public int Gets { get; private set; }

    /// <summary>What a GET answers in place of the twin.</summary>
    public byte[]? Answer { get; set; }

    /// <summary>Updates that are not answered yet.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>How long an update of the reported properties takes.</summary>
    public Func<CancellationToken, Task> Reporting { get; set; } = _ => Task.CompletedTask;

    /// <summary>Reported patches that were taken, in order.</summary>
    public ChannelReader<JsonObject> Patches => patches.Reader;

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>Changes the desired properties; returns the patch as it goes out.</summary>
    public ReadOnlyMemory<byte> Change(string patch)
    {
        var change = Json(patch);
        lock (gate)
        {
            change["$version"] = (long)Desired["$version"]! + 1;
            TwinJson.Merge(Desired, change);
        }

        return Encoding.UTF8.GetBytes(change.ToJsonString());
    }

    public Task RunAsync(HubHandlers handlers, CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    public Task SendAsync(HubMessage message, CancellationToken token) => Task.CompletedTask;

    public Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token)
    {
        lock (gate)
        {
            Gets++;
            return Faults.TryDequeue(out var fault)
                ? Task.FromException<ReadOnlyMemory<byte>>(fault)
                : Task.FromResult<ReadOnlyMemory<byte>>(Answer ?? JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["desired"] = Desired.DeepClone(), ["reported"] = Reported.DeepClone() }));
        }
    }

    public async Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token)
    {
        Assert.Equal(1, Interlocked.Increment(ref inFlight));
        try
        {
            await Reporting(token);
            Take(patch);
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private void Take(ReadOnlyMemory<byte> patch)
    {
        lock (gate)
        {
            if (Faults.TryDequeue(out var fault))
            {
                throw fault;
            }

            Assert.True(TwinRules.TryRead(patch.Span, out var change, out var problem), problem);
            Assert.InRange(patch.Length, 1, ReportedProperties.Largest);
            TwinJson.Merge(Reported, (JsonObject)change.DeepClone());
            Assert.True(patches.Writer.TryWrite(change));
        }
    }
}
