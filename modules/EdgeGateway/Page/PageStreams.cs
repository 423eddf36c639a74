using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Verdicts;
using Microsoft.AspNetCore.Http;

namespace EdgeGateway.Page;

/// <summary>
/// Server-sent events: once a second the overview, the sensors with new windows, and the alerts when they changed. What a reader has not taken is never kept: the next event is made when he has taken the
/// last, and one who takes nothing for five seconds is let go; he comes again by himself and reads anew.
/// </summary>
internal sealed class PageStreams(PageView view, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>Streams that may be open at the same time.</summary>
    public const int Most = 16;

    private const int Piece = 16 * 1024;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private int open;

    /// <summary>Writes events until the reader goes, or the page is switched off.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref open) > Most)
            {
                context.Response.StatusCode = 429;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await WriteAsync(context, ending.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private async Task WriteAsync(HttpContext context, CancellationToken token)
    {
        using var timer = new PeriodicTimer(Period, clock);
        var (seen, newest, alerts) = ((LastVerdicts?)null, 0L, "");
        do
        {
            await using var events = new MemoryStream();
            Add(events, "overview", view.Overview());
            if (view.Alerts() is { } text && text != alerts)
            {
                alerts = text;
                Add(events, "alerts", alerts);
            }

            if (view.Verdicts is { } verdicts)
            {
                // the whole list is asked for by itself, at the beginning and when the stages were started anew
                var from = ReferenceEquals(verdicts, seen) ? newest : verdicts.Newest;
                (seen, newest) = (verdicts, verdicts.Newest);
                if (verdicts.After(from).ToList() is { Count: > 0 } changed)
                {
                    Add(events, "sensors", new JsonArray([.. changed.Select(PageSensor.ShortRow)]));
                }
            }

            await SendAsync(context, events, token);
        }
        while (await timer.WaitForNextTickAsync(token));
    }

    private async Task SendAsync(HttpContext context, MemoryStream events, CancellationToken token)
    {
        // the patience is for each piece: who takes a large event slowly is not who takes nothing
        for (var from = 0; from < events.Length; from += Piece)
        {
            using var patience = new CancellationTokenSource(Patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
            await context.Response.Body.WriteAsync(events.GetBuffer().AsMemory(from, Math.Min(Piece, (int)events.Length - from)), either.Token);
            await context.Response.Body.FlushAsync(either.Token);
        }
    }

    private static void Add(MemoryStream events, string name, JsonNode data) => Add(events, name, data.ToJsonString());

    private static void Add(MemoryStream events, string name, string json) => events.Write(Encoding.UTF8.GetBytes($"event: {name}\ndata: {json}\n\n"));
}
