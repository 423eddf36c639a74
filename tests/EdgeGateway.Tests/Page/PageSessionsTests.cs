using EdgeGateway.Page;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>What stands in the cookie.</summary>
public sealed class PageSessionsTests
{
    private const string Token = "dGhlIHRva2VuIG9mIHRoaXMgdGVzdCwgMjU2IGJpdHM";
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly PageSessions sessions;

    public PageSessionsTests() => sessions = new PageSessions(Token, clock);

    [Fact]
    public void A_session_lasts_thirty_days_also_over_a_new_start_and_does_not_tell_the_token()
    {
        var session = sessions.Begin();
        Assert.NotEqual(session, sessions.Begin());
        Assert.DoesNotContain(Token, session, StringComparison.Ordinal);
        Assert.True(new PageSessions(Token, clock).Knows(session));
        clock.Advance(PageSessions.Life - TimeSpan.FromSeconds(1));
        Assert.True(sessions.Knows(session));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(sessions.Knows(session));
    }

    [Fact]
    public void A_session_of_another_token_or_one_that_was_written_by_somebody_else_is_not_known()
    {
        var session = sessions.Begin();
        Assert.False(new PageSessions($"{Token}x", clock).Knows(session));
        var (end, rest) = (session.Split('.')[0], session[session.IndexOf('.', StringComparison.Ordinal)..]);
        Assert.All(["", ".", "..", Token, $"{long.Parse(end, System.Globalization.CultureInfo.InvariantCulture) + 1}{rest}", session[..^1], $"{session}x", $"x{session}", $"{session}.{rest}"], wrong =>
        {
            Assert.False(sessions.Knows(wrong));
            sessions.End(wrong);
        });
        Assert.True(sessions.Knows(session));
    }

    [Fact]
    public void Who_logs_out_ends_his_session_and_no_other()
    {
        var (mine, other) = (sessions.Begin(), sessions.Begin());
        sessions.End(mine);
        Assert.Equal((false, true), (sessions.Knows(mine), sessions.Knows(other)));
    }

    [Fact]
    public void However_many_log_out_none_comes_back_and_who_logged_in_later_stays()
    {
        List<string> gone = [];
        for (var i = 0; i < PageSessions.MostEnded + 10; i++)
        {
            gone.Add(sessions.Begin());
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var later = sessions.Begin();
        gone.ForEach(sessions.End);
        Assert.DoesNotContain(gone, sessions.Knows);
        Assert.True(sessions.Knows(later));
    }
}
