using System.Buffers;
using System.Runtime.InteropServices;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <content>Messages of OPC UA: readings of several assets, and of several times of each.</content>
internal sealed partial class MessageReader
{
    private readonly OpcUaPayload dataSets = new();

    private void ReadDataSets(in SensorMessage message, List<SensorReading> arrived)
    {
        if (registry.FindOpcUa(message.Topic) is not { } map)
        {
            Reject("", message.Topic, RejectReason.Topic);
            return;
        }

        var payload = message.Payload.IsSingleSegment ? message.Payload.First : message.Payload.ToArray();
        if ((message.Payload.Length > MessageBytes ? RejectReason.Size : dataSets.Read(payload, map)) is { } refused)
        {
            Reject(map.Source.Name, message.Topic, refused);
            return;
        }

        foreach (var writer in dataSets.WithoutValue)
        {
            Reject(map.Source.Name, $"{message.Topic} {writer}", RejectReason.NoValue);
        }

        for (int begin = 0, end; begin < dataSets.Fields.Count; begin = end)
        {
            end = dataSets.Fields.FindIndex(begin, f => f.EndsHop) + 1;
            ReadHop(message, map, CollectionsMarshal.AsSpan(dataSets.Fields)[begin..end], arrived);
        }
    }

    private void ReadHop(in SensorMessage message, PayloadMap map, ReadOnlySpan<DataSetField> fields, List<SensorReading> arrived)
    {
        var first = arrived.Count;
        var binding = Bind(message.Topic, map, fields[0]);
        foreach (var field in fields)
        {
            if (binding is null)
            {
                Reject(map.Source.Name, $"{message.Topic} {field.Writer} {field.Name}", RejectReason.Name);
                continue;
            }

            CollectField(binding, field, message, out var time);
            foreach (var (sensor, value) in found)
            {
                arrived.Add(new SensorReading(sensor, time, value, message.ReceivedAt, ClockStep: false, LastOfMessage: false));
            }
        }

        EndHop(CollectionsMarshal.AsSpan(arrived)[first..]);
    }

    private TopicBinding? Bind(string topic, PayloadMap map, in DataSetField field)
    {
        var unnamed = map.Source.Input ?? topic;
        var origin = new OpcUaOrigin(topic, field.Writer ?? unnamed, OpcUaOrigin.NamesPublisher(map.Source.Asset) ? field.Publisher ?? unnamed : null);
        return origin.IsSound ? registry.Find(origin.ToString()) : null;
    }

    private void CollectField(TopicBinding binding, in DataSetField field, in SensorMessage message, out DateTimeOffset time)
    {
        found.Clear();
        time = field.Time.Value ?? message.ReceivedAt;
        var source = binding.Map.Source;
        var unused = message.Retained && source.Sample is null;
        var badTime = unused ? null : field.Time.Value is null ? RejectReason.Time : clock.Judge(time, message.ReceivedAt);
        if (source.Values is not { } values)
        {
            CollectNamed(binding, field.Value with { Name = field.Name }, isGood: true, unused, badTime);
            return;
        }

        foreach (var slot in binding.Map.Fields[field.Name])
        {
            Collect(binding, values[slot].Name, ref binding.BySlot[slot], isGood: true, field.Value, unused, badTime);
        }
    }

    /// <summary>
    /// The newest reading goes first and stands for its hop where messages are put in order or known again (<see cref="ReadingOrder"/>): a hop may repeat values that have not
    /// changed for long, with the times of then.
    /// </summary>
    private static void EndHop(Span<SensorReading> hop)
    {
        if (hop.IsEmpty)
        {
            return;
        }

        var newest = 0;
        for (var i = 1; i < hop.Length; i++)
        {
            newest = hop[i].Time > hop[newest].Time ? i : newest;
        }

        (hop[0], hop[newest]) = (hop[newest], hop[0]);
        hop[^1] = hop[^1] with { LastOfMessage = true };
    }
}
