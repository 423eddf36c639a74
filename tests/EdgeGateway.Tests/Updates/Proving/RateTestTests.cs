using CsCheck;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.Tests.Updates.Proving;

public sealed class RateTestTests
{
    [Theory]
    [InlineData(7, 7, .5, true)] // 1/128
    [InlineData(6, 6, .5, false)] // 1/64
    [InlineData(16, 20, .5, true)] // .0059, tables of the binomial distribution
    [InlineData(15, 20, .5, false)] // .0207
    [InlineData(0, 0, .5, false)]
    [InlineData(5, 5, 1, false)]
    public void A_share_is_exceeded_when_chance_gives_it_in_less_than_one_case_of_a_hundred(int count, int all, double share, bool exceeds) =>
        Assert.Equal(exceeds, RateTest.ExceedsShare(count, all, share));

    [Fact]
    public void Thrice_as_many_are_told_from_twice_as_many_in_the_windows_of_the_image_and_twice_as_many_are_not()
    {
        Assert.True(RateTest.Exceeds(3 * 96, 96, 2));
        Assert.False(RateTest.Exceeds(2 * 96, 96, 2));
        Assert.False(RateTest.Exceeds(3, 1, 2));
    }

    /// <summary>Of a hundred normal windows one begins an anomaly, with the model that comes with this version.</summary>
    [Fact]
    public void The_live_windows_of_the_default_tell_thrice_as_many_in_95_cases_of_a_hundred_and_a_third_of_them_four_times_as_many()
    {
        Assert.InRange(Found(new ProofLimits().ShadowWindows / 100, 3), .94, .96);
        Assert.InRange(Found(new ProofLimits().FewestShadowWindows / 100, 4), .96, .98);
        Assert.InRange(Found(200 / 100, 4), 0, .05);

        static double Found(int usual, int times) => Enumerable.Range(0, (usual * (1 + times)) + 1)
            .Where(count => RateTest.Exceeds(count, (usual * (1 + times)) - count, 2)).Sum(count => Probability(count, usual * (1 + times), times / (1.0 + times)));
    }

    [Fact]
    public void Counts_of_a_year_are_still_compared()
    {
        Assert.True(RateTest.Exceeds(420_000, 200_000, 2));
        Assert.False(RateTest.Exceeds(400_000, 200_000, 2));
    }

    [Fact]
    public void Who_is_at_the_limit_is_refused_by_chance_in_less_than_one_case_of_a_hundred() =>
        Gen.Select(Gen.Int[1, 300], Gen.Double[.02, .98]).Sample((all, share) => Enumerable.Range(0, all + 1).Where(count => RateTest.ExceedsShare(count, all, share)).Sum(count => Probability(count, all, share)) < RateTest.Significance, iter: 300);

    [Fact]
    public void Once_exceeded_it_stays_exceeded_with_more() => Gen.Select(Gen.Int[1, 300], Gen.Double[.02, .98]).Sample((all, share) =>
    {
        var exceeds = Enumerable.Range(0, all + 1).Select(count => RateTest.ExceedsShare(count, all, share)).ToArray();
        return exceeds.SkipWhile(e => !e).All(e => e);
    }, iter: 100);

    private static double Probability(int count, int all, double share)
    {
        var log = (count * Math.Log(share)) + ((all - count) * Math.Log(1 - share));
        for (var i = 1; i <= count; i++)
        {
            log += Math.Log((all - count + i) / (double)i);
        }

        return Math.Exp(log);
    }
}
