using System.Diagnostics;
using System.Globalization;
using EdgeGateway.Alerts;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EdgeGateway.Tracing;

/// <summary>
/// The way of a window as a trace of OpenTelemetry: message -> window -> verdict -> alert. The stages note times; spans are made of them once the window is through, so that it is
/// known by then which are worth it: every window above the threshold or behind a transition of an alert, and one of a hundred others. Without a collector nothing is noted.
/// </summary>
internal sealed class WindowTraces : IDisposable
{
    /// <summary>Of the windows that nothing came of, the how manieth is shown.</summary>
    private const int Interval = 100;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private readonly string gateway;
    private readonly Accounting accounting;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly ActivitySource source = new("EdgeGateway");
    private Uri? collector;
    private long uneventful;
    private volatile TracerProvider? provider;

    public WindowTraces(GatewaySettings settings, Accounting accounting, TimeProvider clock, ILogger<WindowTraces> logger)
    {
        (gateway, this.accounting, this.clock, this.logger) = (settings.Gateway, accounting, clock, logger);
        Use(settings.Operations.Traces);
    }

    /// <summary>Sends to this collector from now on; null = no traces. Used by the Alerts stage alone, as is <see cref="Add"/>.</summary>
    public void Use(Uri? other)
    {
        if (other == collector)
        {
            return;
        }

        End();
        collector = other;
        try
        {
            provider = other is null ? null : Build(other);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            logger.TracesUnusable(e.Message);
        }
    }

    /// <summary>Begins to note the times of a window that was just closed.</summary>
    /// <param name="received">When the message arrived whose reading closed it; null when time closed it.</param>
    public void Closed(WindowSummary window, DateTimeOffset? received)
    {
        if (provider is not null)
        {
            window.Times = new StageTimes(received, clock.GetUtcNow());
        }
    }

    /// <summary>Notes that the judging of a window begins.</summary>
    public void Asked(WindowSummary window) => window.Times?.Asked = clock.GetUtcNow();

    /// <summary>Notes that a window has its verdict.</summary>
    public void Judged(WindowSummary window) => window.Times?.Judged = clock.GetUtcNow();

    /// <summary>A window is through, and these transitions followed from it.</summary>
    public void Add(Verdict verdict, IReadOnlyList<Alert> transitions)
    {
        if (provider is null || verdict.Window.Times is not { } times || (!verdict.Anomalous && transitions.Count == 0 && uneventful++ % Interval != 0))
        {
            return;
        }

        var (window, now) = (verdict.Window, clock.GetUtcNow());
        var begun = times.Received ?? times.Closed;
        using var root = Begin(times.Received is null ? "timer" : "message", begun, default);
        Tag(root, [("source", window.Sensor.Source.Name), ("sensor", window.Sensor.Id), ("asset", window.Sensor.Asset)]);
        var parent = root?.Context ?? default;
        Span("window", begun, times.Closed, parent, [("window.start", Iso(window.Start)), ("window.end", Iso(window.End)), ("gate", window.GateScore)]);
        Span("verdict", times.Asked, times.Judged, parent, [("judge", verdict.JudgedBy), ("score", verdict.Score), ("threshold", verdict.Threshold), ("not_judged", verdict.NotJudged)]);
        foreach (var alert in transitions)
        {
            Span("alert", times.Judged, now, parent, [("alert.id", alert.AlertId), ("alert.sequence", alert.Sequence), ("alert.transition", alert.Transition), ("alert.kind", alert.Kind), ("alert.severity", alert.Severity)]);
        }

        root?.SetEndTime(now.UtcDateTime);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        source.Dispose();
    }

    /// <exception cref="ArgumentException">The environment asks for something that the exporter cannot do.</exception>
    private TracerProvider Build(Uri to) => Sdk.CreateTracerProviderBuilder()
        .AddSource(source.Name)
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("edgegateway", serviceVersion: GatewayCommands.Version, serviceInstanceId: gateway))
        .AddProcessor(new BatchActivityExportProcessor(new TraceExporter(
            new OtlpExporterOptions { Protocol = OtlpExportProtocol.HttpProtobuf, Endpoint = new Uri($"{to.AbsoluteUri.TrimEnd('/')}/v1/traces") }, accounting, logger)))
        .Build();

    private void Span(string name, DateTimeOffset begun, DateTimeOffset ended, ActivityContext parent, ReadOnlySpan<(string Name, object? Value)> tags)
    {
        using var span = Begin(name, begun, parent);
        Tag(span, tags);
        span?.SetEndTime(ended.UtcDateTime);
    }

    /// <summary>Null when the sampler that the environment asks for leaves the trace out.</summary>
    private Activity? Begin(string name, DateTimeOffset begun, ActivityContext parent) => source.StartActivity(name, ActivityKind.Internal, parent, startTime: begun);

    private static void Tag(Activity? span, ReadOnlySpan<(string Name, object? Value)> tags)
    {
        foreach (var (name, value) in tags)
        {
            span?.SetTag($"edgegateway.{name}", value is Enum choice ? char.ToLowerInvariant(choice.ToString()[0]) + choice.ToString()[1..] : value);
        }
    }

    private static string Iso(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private void End()
    {
        provider?.Shutdown((int)LastWords.TotalMilliseconds);
        provider?.Dispose();
        provider = null;
    }
}
