using System.Buffers;
using System.Text;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Ingest;

/// <summary>The Ingest stage with a clock at noon. After every message the accounting must add up.</summary>
internal sealed class IngestBench
{
    private readonly List<(string Where, RejectReason Reason)> rejected = [];

    public IngestBench(SourceSettings source, int bound = 4000, BrokerSettings? broker = null)
    {
        var settings = Any.Settings(source) with { Bounds = new BoundsSettings(bound, 256 * 1024) };
        Settings = settings with { Broker = broker ?? settings.Broker };
        Registry = new SensorRegistry(Settings);
        State = IngestState.Create(Settings, Registry, new ClockState(Clock, Any.Noon.AddYears(-1)), Accounting, (_, where, reason) => rejected.Add((where, reason)));
    }

    public GatewaySettings Settings { get; }

    public FakeTimeProvider Clock { get; } = new(Any.Noon);

    public Accounting Accounting { get; } = new();

    public SensorRegistry Registry { get; }

    public IngestState State { get; }

    /// <summary>Why readings were rejected so far, in order.</summary>
    public IEnumerable<RejectReason> Reasons => rejected.Select(r => r.Reason);

    /// <summary>Feeds one message; returns the readings that go on.</summary>
    public List<SensorReading> Read(string topic, string payload, bool retained = false, bool redelivered = false) =>
        Read(topic, Encoding.UTF8.GetBytes(payload), retained, redelivered);

    public List<SensorReading> Read(string topic, byte[] payload, bool retained = false, bool redelivered = false)
    {
        List<SensorReading> taken = [];
        State.Take(new SensorMessage(1, topic, new ReadOnlySequence<byte>(payload), retained, redelivered, Clock.GetUtcNow()), taken);
        Assert.Equal(Accounting.Total("received"), Accounting.ReadingsAccounted());
        return taken;
    }

    /// <summary>A payload of the source <c>plant/{pump}</c> at so many seconds after noon.</summary>
    public static string Payload(double second, double p) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"ts":"{{Any.Noon.AddSeconds(second):yyyy-MM-ddTHH:mm:ss.fffZ}}","p":{{p}}}""");
}
