namespace EdgeGateway.Updates.Proving;

/// <summary>
/// Whether one count is too many times another, or a share too large, beyond what chance gives. Of two Poisson counts with rates in the ratio r, the first has a binomial share
/// r / (1 + r) of their sum: the exact conditional test of Przyborowski and Wilenski (Homogeneity of results in testing samples from Poisson series, Biometrika 31, 1940). Counts on
/// the same windows go up and down together, which makes it more cautious, never bolder.
/// </summary>
internal static class RateTest
{
    /// <summary>How often a model that is just at the limit is refused by chance.</summary>
    public const double Significance = .01;

    /// <summary>Whether <paramref name="count"/> is more than <paramref name="times"/> as many as <paramref name="other"/>, beyond chance.</summary>
    public static bool Exceeds(int count, int other, double times) => ExceedsShare(count, count + other, times / (1 + times));

    /// <summary>Whether <paramref name="count"/> of <paramref name="all"/> are more than this share, beyond chance: exact binomial test, one-sided.</summary>
    public static bool ExceedsShare(int count, int all, double share) => share < 1 && UpperTail(count, all, share) < Significance;

    /// <summary>Probability of at least so many successes.</summary>
    private static double UpperTail(int least, int all, double share)
    {
        // term by term from the ratio of neighbours, in logarithms: factorials of thousands have no place in a double
        var (logTerm, tail) = (all * Math.Log(1 - share), 0.0);
        for (var successes = 0; successes <= all; successes++)
        {
            tail += successes >= least ? Math.Exp(logTerm) : 0;
            logTerm += Math.Log((all - successes) / (successes + 1.0)) + Math.Log(share / (1 - share));
        }

        return tail;
    }
}
