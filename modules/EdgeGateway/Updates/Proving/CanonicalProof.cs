using System.Globalization;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;

namespace EdgeGateway.Updates.Proving;

/// <summary>
/// Holds a model or adapter against another, on windows whose truth is known: it must tell faults from normal windows at all, be blind for no kind of fault that the other
/// finds, and raise no multiple of its false alarms. Rules and figures: docs/formats/package.md, section Proof.
/// </summary>
internal static class CanonicalProof
{
    /// <summary>Log-odds closer together than this are one answer: four bits of a weight change them by more.</summary>
    private const double SameAnswer = .01;

    /// <summary>Compares what two models said of the same windows, of which one may have been in memory after the other: as many as both have judged.</summary>
    /// <param name="candidate">The one that is to be activated.</param>
    /// <param name="reference">One that it must not be much worse than.</param>
    /// <param name="windows">All that there are.</param>
    public static ProofResult Compare(CanonicalAnswers candidate, CanonicalAnswers reference, CanonicalWindows windows, ProofLimits limits)
    {
        var judged = Math.Min(candidate.Count, reference.Count);
        (candidate, reference, windows) = (candidate.First(judged), reference.First(judged), windows.First(judged));
        return Nonsense(candidate, windows) ?? Blindness(candidate, reference, windows, limits) ?? FalseAlarms(candidate, reference, windows, limits) ?? ProofResult.Passed;
    }

    private static ProofResult? Nonsense(CanonicalAnswers candidate, CanonicalWindows windows)
    {
        var odds = candidate.LogOdds;
        if (odds.FirstOrDefault(o => !double.IsFinite(o)) is var broken && !double.IsFinite(broken))
        {
            return ProofResult.Refused("proof-not-finite", string.Create(CultureInfo.InvariantCulture,
                $"On canonical window {odds.IndexOf(broken)} of {odds.Length} it gives no finite score: its weights are damaged or meant for another model; have it made anew."));
        }

        if (odds.Max() - odds.Min() < SameAnswer)
        {
            return ProofResult.Refused("proof-constant", string.Create(CultureInfo.InvariantCulture,
                $"It says the same of all {odds.Length} canonical windows, faulty or not (scores of {odds.Min():0.000} to {odds.Max():0.000}): it does not look at them; have it trained anew."));
        }

        return ShareInOrder(candidate, windows) is var share && share < .5 ? ProofResult.Refused("proof-inverted", string.Create(CultureInfo.InvariantCulture,
            $"It takes normal canonical windows for more anomalous than faulty ones ({100 * share:0} % of all pairs are in the right order, chance gives 50 %): check the labels that it was trained on.")) : null;
    }

    private static ProofResult? Blindness(CanonicalAnswers candidate, CanonicalAnswers reference, CanonicalWindows windows, ProofLimits limits)
    {
        foreach (var kind in windows.All.Where(w => w.IsFault).Select(w => w.Kind).Distinct())
        {
            int[] due = [.. Of(windows, kind).Where(i => reference.Anomalous[i])];
            var found = due.Count(i => candidate.Anomalous[i]);
            if (RateTest.ExceedsShare(due.Length - found, due.Length, 1 - (limits.LeastRecall / 100.0)))
            {
                return ProofResult.Refused("proof-blind",
                    $"Of the {due.Length} canonical windows with the fault {kind} that {reference.By} finds it finds {found}; at least {limits.LeastRecall} % are needed: check whether this kind was missing or labelled as normal in training.");
            }
        }

        return null;
    }

    private static ProofResult? FalseAlarms(CanonicalAnswers candidate, CanonicalAnswers reference, CanonicalWindows windows, ProofLimits limits)
    {
        var normal = Of(windows, LabelSpec.Normal);
        var (raised, usual) = (normal.Count(i => candidate.Anomalous[i]), normal.Count(i => reference.Anomalous[i]));
        return RateTest.Exceeds(raised, usual, limits.MostFalseAlarms / 100.0) ? ProofResult.Refused("proof-false-alarms",
            $"It takes {raised} of {normal.Length} normal canonical windows for faults, {reference.By} {usual}; at most {limits.MostFalseAlarms} % of that, and what chance gives, are allowed: raise its threshold, or train it on more normal windows.") : null;
    }

    /// <summary>The numbers of the windows of a kind.</summary>
    private static int[] Of(CanonicalWindows windows, string kind) => [.. Enumerable.Range(0, windows.All.Length).Where(i => windows.All[i].Kind == kind)];

    /// <summary>Of the pairs of a faulty and a normal window, those in which the faulty one scores higher (area under the ROC curve); ties count half.</summary>
    private static double ShareInOrder(CanonicalAnswers candidate, CanonicalWindows windows)
    {
        double[] normal = [.. Odds(isFault: false).Order()];
        double[] faulty = [.. Odds(isFault: true).Order()];
        var (below, notAbove, inOrder) = (0, 0, 0.0);
        foreach (var odds in faulty)
        {
            while (below < normal.Length && normal[below] < odds)
            {
                below++;
            }

            while (notAbove < normal.Length && normal[notAbove] <= odds)
            {
                notAbove++;
            }

            inOrder += (below + notAbove) / 2.0;
        }

        return inOrder / normal.Length / faulty.Length;

        IEnumerable<double> Odds(bool isFault) => candidate.LogOdds.Where((_, i) => windows.All[i].IsFault == isFault);
    }
}
