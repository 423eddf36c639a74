using EdgeGateway.Operations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Operations;

public sealed class IotEdgeLogFormatterTests
{
    [Theory]
    [InlineData(LogLevel.Critical, "<0> 2026-03-01 12:00:00.000 +00:00 [FTL] - Windower[7] text")]
    [InlineData(LogLevel.Error, "<3> 2026-03-01 12:00:00.000 +00:00 [ERR] - Windower[7] text")]
    [InlineData(LogLevel.Warning, "<4> 2026-03-01 12:00:00.000 +00:00 [WRN] - Windower[7] text")]
    [InlineData(LogLevel.Information, "<6> 2026-03-01 12:00:00.000 +00:00 [INF] - Windower[7] text")]
    [InlineData(LogLevel.Debug, "<7> 2026-03-01 12:00:00.000 +00:00 [DBG] - Windower[7] text")]
    [InlineData(LogLevel.Trace, "<7> 2026-03-01 12:00:00.000 +00:00 [VRB] - Windower[7] text")]
    public void A_message_is_a_line_as_IoT_Edge_writes_it(LogLevel level, string line) => Assert.Equal(line + Environment.NewLine, Written("text", level));

    [Fact]
    public void Nothing_foreign_begins_a_line_moves_the_cursor_or_turns_the_direction() =>
        Assert.EndsWith(@"evil | <0> 2026 [FTL] - \u001b[31mred\u202egnp\u2028end" + Environment.NewLine, Written("evil\r\n<0> 2026 [FTL] - \u001b[31mred\u202egnp\u2028end"), StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_seen_is_shown_also_where_it_takes_two_units_and_what_can_be_seen_stays() =>
        Assert.EndsWith(@"a\udb40\udc41\u200b𝄞é" + Environment.NewLine, Written("a\U000e0041\u200b\U0001d11eé"), StringComparison.Ordinal);

    [Fact]
    public void A_fault_stands_on_the_line_of_its_message() =>
        Assert.Contains("text: System.IO.IOException: first | second", Written("text", LogLevel.Error, new IOException("first\nsecond")), StringComparison.Ordinal);

    private static string Written(string text, LogLevel level = LogLevel.Information, Exception? fault = null)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(level, "EdgeGateway.Windows.Windower", new EventId(7), text, fault, (state, _) => state);
        new IotEdgeLogFormatter(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))).Write(entry, null, writer);
        return writer.ToString();
    }
}
