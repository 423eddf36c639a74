using System.Buffers;
using System.Text.Json;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Replay;

/// <summary>An alert transition of a replay and the 0-based data row at which it was given.</summary>
internal readonly record struct ReplayedAlert(string File, int Row, Alert Alert);

/// <summary>
/// Runs one recorded series through the stages, in event time: each row becomes the JSON payload that a gateway would receive, and goes the whole way. One file is one
/// asset; its columns are the sensors.
/// </summary>
/// <param name="chain">The stages behind Ingest, fresh.</param>
internal sealed class SeriesReplay(string file, GatewaySettings settings, Accounting accounting, StageChain chain)
{
    /// <summary>Name of the time in the payloads.</summary>
    public const string TimeName = "timestamp";

    // an event time of the past is what a recording is made of: with the clock counted as unset nothing is rejected as future
    private readonly IngestState ingest = IngestState.Create(settings, new SensorRegistry(settings), new ClockState(TimeProvider.System, DateTimeOffset.MaxValue), accounting, rejected: null);
    private readonly List<SensorReading> taken = [];
    private readonly List<Alert> transitions = [];
    private readonly ArrayBufferWriter<byte> payload = new();

    /// <summary>Feeds all rows and yields every transition at its row.</summary>
    public IEnumerable<ReplayedAlert> Run(RecordedSeries series)
    {
        for (var row = 0; row < series.Rows.Count; row++)
        {
            transitions.Clear();
            var now = series.Rows[row].Time;
            chain.Tick(now, transitions);
            ingest.Take(Message(series, row), taken);
            chain.Add(taken, transitions);
            taken.Clear();
            foreach (var alert in transitions)
            {
                yield return new ReplayedAlert(file, row, alert);
            }
        }
    }

    private SensorMessage Message(RecordedSeries series, int row)
    {
        payload.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString(TimeName, series.Rows[row].Time);
            for (var column = 0; column < series.Columns.Count; column++)
            {
                if (double.IsFinite(series.Rows[row].Values[column]))
                {
                    json.WriteNumber(series.Columns[column], series.Rows[row].Values[column]);
                }
                else
                {
                    json.WriteNull(series.Columns[column]);
                }
            }

            json.WriteEndObject();
        }

        return new SensorMessage(row + 1, ReplaySettings.TopicOf(file), new ReadOnlySequence<byte>(payload.WrittenMemory), Retained: false, Redelivered: false, series.Rows[row].Time);
    }
}
