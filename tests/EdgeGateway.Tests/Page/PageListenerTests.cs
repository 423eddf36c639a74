using System.Threading.Channels;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>Whether the page is served.</summary>
public sealed class PageListenerTests
{
    [Fact(Timeout = 60_000)]
    public async Task What_stands_in_the_way_is_said_once_and_when_it_is_gone_the_page_is_served_within_a_minute()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(Directory.CreateDirectory(folder.File("page")).FullName, "tokens");
        await File.WriteAllTextAsync(file, "damaged", TestContext.Current.CancellationToken);
        var (clock, state, log) = (new FakeTimeProvider(), new GatewayState(), new Said());
        await using var listener = new PageListener(state, new CommandDispatcher([], state.Accounting, NullLogger<CommandDispatcher>.Instance), folder.Path, certificate: null, clock, log);
        await listener.UseAsync(0, []);
        Assert.StartsWith("The operator page is not served on port 0", await log.NextAsync(), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(listener.AddressWithToken);
        File.Delete(file);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("The operator page is served at http://127.0.0.1:", await log.NextAsync(), StringComparison.Ordinal);
        Assert.NotNull(listener.AddressWithToken);
    }

    private sealed class Said : ILogger<PageListener>
    {
        private readonly Channel<string> said = Channel.CreateBounded<string>(100);

        public ValueTask<string> NextAsync() => said.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => said.Writer.TryWrite(formatter(state, exception));
    }
}
