using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>The stream of events that a page listens to.</summary>
public sealed class PageStreamsTests : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly SetClock clock = new();
    private readonly List<Reader> readers = [];
    private readonly GatewayState state = new();
    private readonly PageStreams streams;

    public PageStreamsTests() => streams = new PageStreams(new PageView(state, clock), clock, stopping.Token);

    public void Dispose()
    {
        readers.ForEach(reader => reader.Dispose());
        stopping.Dispose();
    }

    [Fact]
    public async Task A_reader_who_takes_nothing_is_let_go_after_five_seconds_and_others_are_not_held_up_by_him()
    {
        var (slow, slowEnds) = Opened(takes: false);
        var (quick, quickEnds) = Opened();
        await quick.NextAsync();
        for (var second = 0; second < 4; second++)
        {
            clock.Passing.Advance(TimeSpan.FromSeconds(1));
            await quick.NextAsync();
        }

        Assert.False(slowEnds.IsCompleted);
        clock.Passing.Advance(TimeSpan.FromSeconds(1));
        await slowEnds;
        Assert.True(slow.RequestAborted.IsCancellationRequested);
        await quick.NextAsync();
        await stopping.CancelAsync();
        await quickEnds;
    }

    [Fact]
    public async Task A_reader_who_takes_a_large_event_slowly_is_not_let_go()
    {
        using var folder = new TempFolder();
        using var store = GatewayStore.Open(folder.Path, clock);
        state.Running = Any.Running(store, clock) with { Settings = Any.Settings() with { Gateway = new string('x', 100_000) } };
        var (slow, ends) = Opened(takes: false);
        for (var bite = 0; bite < 6; bite++)
        {
            await slow.OfferedAsync();
            clock.Passing.Advance(TimeSpan.FromSeconds(4));
            slow.TakeSome();
        }

        await slow.OfferedAsync();
        await stopping.CancelAsync();
        await ends;
    }

    [Fact]
    public async Task Who_comes_when_all_streams_are_taken_is_let_in_and_the_oldest_of_his_browser_goes_or_else_the_oldest_of_all()
    {
        var open = Enumerable.Range(0, PageStreams.Most).Select(i => Opened(session: $"browser {i}")).ToList();
        var (again, _) = Opened(session: "browser 5");
        clock.Passing.Advance(TimeSpan.FromSeconds(1));
        await open[5].Ends;
        Assert.Single(open, o => o.Ends.IsCompleted);
        var (other, _) = Opened(session: "another browser");
        clock.Passing.Advance(TimeSpan.FromSeconds(1));
        await open[0].Ends;
        Assert.Equal(2, open.Count(o => o.Ends.IsCompleted));
        await again.NextAsync();
        await other.NextAsync();
    }

    [Fact]
    public async Task Whoever_may_only_look_cannot_take_a_stream_from_who_may_operate()
    {
        var (operates, ends) = Opened(role: PageRole.Operate);
        var viewers = Enumerable.Range(0, 3 * PageStreams.Most).Select(_ => Opened()).ToList();
        clock.Passing.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(viewers.Take(2 * PageStreams.Most).Select(v => v.Ends));
        Assert.DoesNotContain(viewers.TakeLast(PageStreams.Most), v => v.Ends.IsCompleted);
        Assert.False(ends.IsCompleted);
        await operates.NextAsync();
    }

    [Fact]
    public async Task A_stream_ends_when_its_browser_is_logged_out_and_those_of_others_go_on()
    {
        var (mine, other) = (Opened(session: "mine"), Opened(session: "other"));
        streams.End("mine");
        clock.Passing.Advance(TimeSpan.FromSeconds(1));
        await mine.Ends;
        Assert.False(other.Ends.IsCompleted);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    public async Task A_clock_that_is_set_while_the_page_is_open_shows_in_the_next_second_and_holds_up_nothing(int days)
    {
        var (reader, ends) = Opened();
        Assert.Equal(Any.Noon, await reader.NextAsync());
        clock.Set = TimeSpan.FromDays(days);
        for (var second = 1; second <= 3; second++)
        {
            clock.Passing.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Any.Noon.AddDays(days).AddSeconds(second), await reader.NextAsync());
        }

        await stopping.CancelAsync();
        await ends;
    }

    private (Reader Reader, Task Ends) Opened(bool takes = true, PageRole role = PageRole.View, string session = "a browser")
    {
        var reader = new Reader(takes);
        readers.Add(reader);
        return (reader, streams.WriteAsync(reader.Context, role, session));
    }

    /// <summary>A clock that people may set; timers and elapsed time do not follow it.</summary>
    private sealed class SetClock : TimeProvider
    {
        public FakeTimeProvider Passing { get; } = new(Any.Noon);

        public TimeSpan Set { get; set; }

        public override long TimestampFrequency => Passing.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => Passing.GetUtcNow() + Set;

        public override long GetTimestamp() => Passing.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Passing.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>Who asked for the stream: takes what comes at once, or only as much as he is told to.</summary>
    private sealed class Reader : MemoryStream, IHttpRequestLifetimeFeature
    {
        private readonly CancellationTokenSource gone = new();
        private readonly Channel<string> taken = Channel.CreateBounded<string>(100);
        private readonly Channel<int> offered = Channel.CreateBounded<int>(100);
        private readonly SemaphoreSlim hunger = new(0);
        private readonly bool takes;

        public Reader(bool takes)
        {
            this.takes = takes;
            Context.Features.Set<IHttpRequestLifetimeFeature>(this);
            Context.Response.Body = this;
        }

        public DefaultHttpContext Context { get; } = new();

        public CancellationToken RequestAborted
        {
            get => gone.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => gone.Cancel();

        /// <summary>Something waits to be taken; fails once he is let go.</summary>
        public async Task OfferedAsync() => await offered.Reader.ReadAsync(RequestAborted);

        /// <summary>Takes 16 KB, or what there is.</summary>
        public void TakeSome() => hunger.Release();

        /// <summary>The gateway's clock in the next event of the overview.</summary>
        public async Task<DateTimeOffset> NextAsync()
        {
            var text = await taken.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("event: overview\ndata: ", text, StringComparison.Ordinal);
            return (DateTimeOffset)JsonNode.Parse(text.Split('\n')[1]["data: ".Length..])!["time"]!;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var some = 0; !takes && some < buffer.Length; some += 16 * 1024)
            {
                Assert.True(offered.Writer.TryWrite(some));
                await hunger.WaitAsync(cancellationToken);
            }

            Assert.True(taken.Writer.TryWrite(Encoding.UTF8.GetString(buffer.Span)));
        }

        protected override void Dispose(bool disposing)
        {
            gone.Dispose();
            hunger.Dispose();
            base.Dispose(disposing);
        }
    }
}
