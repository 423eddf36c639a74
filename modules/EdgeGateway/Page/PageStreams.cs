using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Verdicts;
using Microsoft.AspNetCore.Http;

namespace EdgeGateway.Page;

/// <summary>
/// Server-sent events: once a second the overview, the sensors with new windows, and the alerts when they changed. What a reader has not taken is never kept: the next event is made when he has taken the
/// last, and one who does not take it within five seconds is let go; he comes again by himself and reads anew. Buffers on the way take small events for minutes though nobody reads, so that a stream in
/// use cannot be told from one that was left: who comes is let in, and where there are too many an old one goes.
/// </summary>
internal sealed class PageStreams(PageView view, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>Streams of one role that may be open at the same time: who may look cannot keep out who may operate.</summary>
    public const int Most = 16;

    private const int Piece = 16 * 1024;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();

    /// <summary>Oldest first; one that is no longer in it ends within a second, or with the patience.</summary>
    private readonly List<Reader> readers = [];

    private sealed class Reader(PageRole role, string session)
    {
        public PageRole Role { get; } = role;

        public string Session { get; } = session;
    }

    /// <summary>Writes events until the reader goes or is let go, or the page is switched off.</summary>
    /// <param name="session">How he is logged in.</param>
    public async Task WriteAsync(HttpContext context, PageRole role, string session)
    {
        var reader = new Reader(role, session);
        LetIn(reader);
        try
        {
            context.Response.ContentType = "text/event-stream";
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await WriteAsync(context, reader, ending.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            LetGo(other => other == reader);
        }
    }

    /// <summary>Ends the streams of who logged out.</summary>
    public void End(string session) => LetGo(reader => reader.Session == session);

    /// <summary>Where there are too many, the oldest of the same browser goes, which may have left it behind, else the oldest of all.</summary>
    private void LetIn(Reader reader)
    {
        lock (gate)
        {
            var others = readers.FindAll(other => other.Role == reader.Role);
            if (others.Count >= Most)
            {
                readers.Remove(others.Find(other => other.Session == reader.Session) ?? others[0]);
            }

            readers.Add(reader);
        }
    }

    private void LetGo(Predicate<Reader> which)
    {
        lock (gate)
        {
            readers.RemoveAll(which);
        }
    }

    private bool IsIn(Reader reader)
    {
        lock (gate)
        {
            return readers.Contains(reader);
        }
    }

    private async Task WriteAsync(HttpContext context, Reader reader, CancellationToken token)
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
        while (await timer.WaitForNextTickAsync(token) && IsIn(reader));
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
