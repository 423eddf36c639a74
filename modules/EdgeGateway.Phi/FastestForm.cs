using System.Diagnostics;

namespace EdgeGateway.Phi;

/// <summary>
/// Chooses among the forms of a model by running each of them for a moment. An earlier one is left only for one that is clearly faster, so that a moment's load does not decide which verdicts
/// a gateway gives after its next start.
/// </summary>
internal static class FastestForm
{
    private const int Tokens = 32;
    private const int Runs = 12;
    private const double ClearlyFaster = 1.2;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Keeps the fastest of the models, disposes the others.</summary>
    public static PhiModel Of(IEnumerable<PhiModel> forms)
    {
        PhiModel? best = null;
        var bestTime = TimeSpan.MaxValue;
        try
        {
            foreach (var model in forms)
            {
                var time = Measure(model);
                (var slower, best, bestTime) = best is not null && bestTime <= time * ClearlyFaster ? (model, best, bestTime) : (best, model, time);
                slower?.Dispose();
            }

            return best!;
        }
        catch
        {
            best?.Dispose();
            throw;
        }
    }

    /// <summary>The shortest of some runs: what disturbs only makes a run longer.</summary>
    private static TimeSpan Measure(PhiModel model)
    {
        var tokens = new int[Math.Min(Tokens, model.Config.ContextLength)];
        using var sequence = new TokenSequence(model, null, tokens.Length);
        var shortest = TimeSpan.MaxValue;
        var total = Stopwatch.StartNew();
        for (var run = 0; run < Runs && total.Elapsed < Longest; run++)
        {
            var began = Stopwatch.GetTimestamp();
            sequence.Truncate(0);
            sequence.Append(tokens);
            var time = Stopwatch.GetElapsedTime(began);
            shortest = time < shortest ? time : shortest;
        }

        return shortest;
    }
}
