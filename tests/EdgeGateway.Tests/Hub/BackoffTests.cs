using EdgeGateway.Mqtt;

namespace EdgeGateway.Tests.Hub;

public class BackoffTests
{
    [Fact]
    public void Waits_are_uniform_below_a_bound_that_doubles_up_to_its_ceiling()
    {
        var longest = new Backoff(Delays.OfHub, new Fixed(1));
        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 300, 300], Enumerable.Range(0, 10).Select(_ => Next(longest)));
        var shortest = new Backoff(Delays.OfHub, new Fixed(0));
        Assert.All(Enumerable.Range(0, 40), _ => Assert.Equal(0, Next(shortest)));
    }

    [Fact]
    public void Only_a_connection_that_lasted_a_minute_ends_the_row()
    {
        var backoff = new Backoff(Delays.OfHub, new Fixed(1));
        Assert.Equal([2, 4], Enumerable.Range(0, 2).Select(_ => Next(backoff)));
        backoff.Lasted(TimeSpan.FromSeconds(59));
        Assert.Equal(8, Next(backoff));
        backoff.Lasted(TimeSpan.FromSeconds(61));
        Assert.Equal(2, Next(backoff));
    }

    [Fact]
    public void Who_was_refused_waits_longer()
    {
        var backoff = new Backoff(Delays.OfHub, new Fixed(0));
        backoff.Attempted();
        Assert.Equal(TimeSpan.FromSeconds(15), backoff.Next(refused: true));
    }

    [Fact]
    public void Four_connections_in_a_row_that_end_within_seconds_mean_a_rival()
    {
        var rivals = new RivalWatch();
        for (var i = 0; i < 3; i++)
        {
            rivals.Ended(TimeSpan.FromSeconds(1), byUs: false);
            Assert.False(rivals.IsLikely);
        }

        rivals.Ended(TimeSpan.FromSeconds(1), byUs: false);
        Assert.True(rivals.IsLikely);
        rivals.Ended(TimeSpan.FromMinutes(10), byUs: false);
        Assert.False(rivals.IsLikely);
    }

    [Fact]
    public void A_connection_that_lasted_until_its_token_was_renewed_clears_a_rival_and_a_short_one_that_we_ended_says_nothing()
    {
        var rivals = new RivalWatch();
        for (var i = 0; i < 4; i++)
        {
            rivals.Ended(TimeSpan.FromSeconds(1), byUs: false);
        }

        rivals.Ended(TimeSpan.FromSeconds(1), byUs: true);
        Assert.True(rivals.IsLikely);
        rivals.Ended(TimeSpan.FromMinutes(55), byUs: true);
        Assert.False(rivals.IsLikely);
        rivals.Ended(TimeSpan.FromSeconds(1), byUs: true);
        Assert.False(rivals.IsLikely);
    }

    private static double Next(Backoff backoff)
    {
        backoff.Attempted();
        return backoff.Next(refused: false).TotalSeconds;
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
