using System.Buffers;
using System.Text.Json;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Replay;

/// <summary>
/// Runs one recorded series through the stages, in event time: each row becomes the JSON payload that a gateway would receive, and goes the whole way. One file is one
/// asset; its columns are the sensors.
/// </summary>
/// <param name="chains">The stages behind Ingest, fresh: one chain, or one for each judge that is compared.</param>
internal sealed class SeriesReplay(string file, IReadOnlyList<string> columns, GatewaySettings settings, Accounting accounting, params StageChain[] chains)
{
    /// <summary>Name of the time in the payloads.</summary>
    public const string TimeName = "timestamp";

    // an event time of the past is what a recording is made of: with the clock counted as unset nothing is rejected as future
    private readonly IngestState ingest = IngestState.Create(settings, new SensorRegistry(settings), new ClockState(TimeProvider.System, DateTimeOffset.MaxValue), accounting, rejected: null);
    private readonly List<SensorReading> taken = [];
    private readonly List<Alert> transitions = [];
    private readonly ArrayBufferWriter<byte> payload = new();

    /// <summary>Rows fed so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes of the payloads so far.</summary>
    public long PayloadBytes { get; private set; }

    /// <summary>Feeds one row, and gives every transition that follows with the number of its chain.</summary>
    public void Add(in RecordedRow row, Action<int, Alert> given)
    {
        ingest.Take(Message(row), taken);
        for (var chain = 0; chain < chains.Length; chain++)
        {
            chains[chain].Tick(row.Time, transitions);
            chains[chain].Add(taken, transitions);
            foreach (var alert in transitions)
            {
                given(chain, alert);
            }

            transitions.Clear();
        }

        taken.Clear();
        PayloadBytes += payload.WrittenCount;
        Rows++;
    }

    private SensorMessage Message(in RecordedRow row)
    {
        payload.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString(TimeName, row.Time);
            for (var column = 0; column < columns.Count; column++)
            {
                if (double.IsFinite(row.Values[column]))
                {
                    json.WriteNumber(columns[column], row.Values[column]);
                }
                else
                {
                    json.WriteNull(columns[column]);
                }
            }

            json.WriteEndObject();
        }

        return new SensorMessage(Rows + 1, ReplaySettings.TopicOf(file), new ReadOnlySequence<byte>(payload.WrittenMemory), Retained: false, Redelivered: false, row.Time);
    }
}
