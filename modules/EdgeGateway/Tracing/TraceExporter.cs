using System.Diagnostics;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace EdgeGateway.Tracing;

/// <summary>Sends spans to a collector by OTLP over HTTP, counts what became of them, and says when the collector goes and when it is back. What it does not take is lost.</summary>
internal sealed class TraceExporter(OtlpExporterOptions options, Accounting accounting, ILogger logger) : OtlpTraceExporter(options)
{
    private readonly string collector = options.Endpoint.GetLeftPart(UriPartial.Authority);
    private bool isAway;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var result = base.Export(activityBatch);
        var taken = result == ExportResult.Success;
        accounting.Of(taken ? "spans.sent" : "spans.lost").Add(activityBatch.Count);
        if (isAway == taken)
        {
            isAway = !taken;
            if (isAway)
            {
                logger.CollectorAway(collector);
            }
            else
            {
                logger.CollectorBack(collector);
            }
        }

        return result;
    }
}
