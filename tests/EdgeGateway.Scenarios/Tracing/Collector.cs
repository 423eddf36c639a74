using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Scenarios.Tracing;

/// <summary>A span as it came in.</summary>
/// <param name="Parent">"" for the first of a trace.</param>
/// <param name="Begun">Nanoseconds since 1970.</param>
internal sealed record Span(string Trace, string Id, string Parent, string Name, long Begun, long Ended, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes traces by OTLP 1.x over HTTP with protobuf, field by field as opentelemetry/proto/trace/v1/trace.proto numbers them.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication app;

    private Collector(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Every span that came.</summary>
    public ConcurrentQueue<Span> Spans { get; } = new();

    /// <summary>Attributes of the resource of the newest request.</summary>
    public IReadOnlyDictionary<string, string> Resource { get; private set; } = new Dictionary<string, string>();

    /// <param name="port">0 for any free one.</param>
    public static async Task<Collector> StartedAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        var collector = new Collector(builder.Build());
        collector.app.MapPost("/v1/traces", collector.TakeAsync);
        await collector.app.StartAsync();
        return collector;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        foreach (var resourceSpans in Fields(body.ToArray()).Where(f => f.Number == 1).Select(f => Fields(f.Bytes).ToList()))
        {
            Resource = Attributes(Fields(resourceSpans.Single(f => f.Number == 1).Bytes).Where(f => f.Number == 1));
            foreach (var span in resourceSpans.Where(f => f.Number == 2).SelectMany(scope => Fields(scope.Bytes)).Where(f => f.Number == 2))
            {
                Spans.Enqueue(Read([.. Fields(span.Bytes)]));
            }
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private static Span Read(List<Field> fields)
    {
        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(f => f.Number == number)?.Bytes ?? []);
        var name = fields.Single(f => f.Number == 5).Bytes;
        return new Span(Hex(1), Hex(2), Hex(4), System.Text.Encoding.UTF8.GetString(name), fields.Single(f => f.Number == 7).Number64, fields.Single(f => f.Number == 8).Number64, Attributes(fields.Where(f => f.Number == 9)));
    }

    private static Dictionary<string, string> Attributes(IEnumerable<Field> keyValues) => keyValues.Select(f => Fields(f.Bytes).ToList()).ToDictionary(
        f => System.Text.Encoding.UTF8.GetString(f.Single(p => p.Number == 1).Bytes),
        f => Fields(f.Single(p => p.Number == 2).Bytes).Single() switch
        {
            { Number: 1 } text => System.Text.Encoding.UTF8.GetString(text.Bytes),
            { Number: 4 } real => BitConverter.Int64BitsToDouble(real.Number64).ToString(System.Globalization.CultureInfo.InvariantCulture),
            var whole => whole.Number64.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });

    private static IEnumerable<Field> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            yield return WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => new Field(WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray(), 0),
                WireFormat.WireType.Fixed64 => new Field(WireFormat.GetTagFieldNumber(tag), [], (long)input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => new Field(WireFormat.GetTagFieldNumber(tag), [], input.ReadFixed32()),
                _ => new Field(WireFormat.GetTagFieldNumber(tag), [], input.ReadInt64()),
            };
        }
    }

    private sealed record Field(int Number, byte[] Bytes, long Number64);
}
