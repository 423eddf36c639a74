using System.Globalization;
using System.Text;
using EdgeGateway.Tests.Webhook;
using Google.Protobuf;

namespace EdgeGateway.Scenarios.Tracing;

/// <summary>A span as it came in.</summary>
/// <param name="Parent">"" for the first of a trace.</param>
/// <param name="Begun">Nanoseconds since 1970.</param>
/// <param name="Resource">Attributes of what sent it.</param>
internal sealed record Span(string Trace, string Id, string Parent, string Name, long Begun, long Ended, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Resource);

/// <summary>Reads what came by OTLP 1.x over HTTP with protobuf, field by field as opentelemetry/proto/trace/v1/trace.proto numbers them.</summary>
internal static class Collector
{
    /// <summary>Every span of the requests that came to where traces belong.</summary>
    public static IReadOnlyList<Span> SpansOf(Receiver receiver) => [.. receiver.Requests.Where(r => r.Target == "/v1/traces").SelectMany(r => Fields(r.Body)).Where(f => f.Number == 1).SelectMany(f => OfResource([.. Fields(f.Bytes)]))];

    private static IEnumerable<Span> OfResource(List<Field> resourceSpans)
    {
        var resource = Attributes(Fields(resourceSpans.Single(f => f.Number == 1).Bytes).Where(f => f.Number == 1));
        return resourceSpans.Where(f => f.Number == 2).SelectMany(scope => Fields(scope.Bytes)).Where(f => f.Number == 2).Select(span => Read([.. Fields(span.Bytes)], resource));
    }

    private static Span Read(List<Field> fields, Dictionary<string, string> resource)
    {
        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(f => f.Number == number)?.Bytes ?? []);
        Field One(int number) => fields.Single(f => f.Number == number);
        return new Span(Hex(1), Hex(2), Hex(4), Encoding.UTF8.GetString(One(5).Bytes), One(7).Whole, One(8).Whole, Attributes(fields.Where(f => f.Number == 9)), resource);
    }

    private static Dictionary<string, string> Attributes(IEnumerable<Field> keyValues) => keyValues.Select(f => Fields(f.Bytes).ToList()).ToDictionary(
        f => Encoding.UTF8.GetString(f.Single(p => p.Number == 1).Bytes),
        f => Fields(f.Single(p => p.Number == 2).Bytes).Single() switch
        {
            { Number: 1 } text => Encoding.UTF8.GetString(text.Bytes),
            { Number: 4 } real => BitConverter.Int64BitsToDouble(real.Whole).ToString(CultureInfo.InvariantCulture),
            var whole => whole.Whole.ToString(CultureInfo.InvariantCulture),
        });

    private static IEnumerable<Field> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            yield return WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => new Field(number, input.ReadBytes().ToByteArray(), 0),
                WireFormat.WireType.Fixed64 => new Field(number, [], (long)input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => new Field(number, [], input.ReadFixed32()),
                _ => new Field(number, [], input.ReadInt64()),
            };
        }
    }

    private sealed record Field(int Number, byte[] Bytes, long Whole);
}
