using EdgeGateway.PhiTrain.Data;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Ablation;

/// <summary>
/// The recipe's teacher with a single learner (detection recipe, section 7): candidates weigh .3 of the normal windows in all; a first round on all candidates picks the 8
/// windows of each fault that show it best, a second one learns these.
/// </summary>
internal sealed class LearnerRecipe(TrainingWindows windows, DigitChoice digits, LearnerKind kind)
{
    private const double NormalShare = .22;
    private const double CandidateWeight = .3;
    private const int BestPerFault = 8;

    /// <summary>Fits both rounds on the windows of the first series.</summary>
    /// <param name="series">So many.</param>
    /// <exception cref="InvalidDataException">They hold windows of one class only.</exception>
    public DigitLearner Fit(int series)
    {
        var random = new RandomStream(1, 0);
        int[] inside = [.. Enumerable.Range(0, windows.Count).Where(i => windows.Series[i] < series)];
        int[] candidates = [.. inside.Where(i => windows.Classes[i] == WindowClass.Candidate)];
        int[] normals = [.. inside.Where(i => windows.Classes[i] == WindowClass.Normal && random.Chance(NormalShare))];
        if (candidates.Length == 0 || normals.Length == 0)
        {
            throw new InvalidDataException($"The first {series} series hold no {(normals.Length == 0 ? "normal windows" : "fault")}, so nothing can be learnt from them; take more with --series.");
        }

        var scores = candidates.Zip(Fit(candidates, normals).Score(candidates.Select(i => digits.Of(windows, i)))).ToDictionary();
        return Fit([.. candidates.GroupBy(i => windows.Events[i]).SelectMany(fault => fault.OrderByDescending(i => scores[i]).Take(BestPerFault))], normals);
    }

    private DigitLearner Fit(int[] candidates, int[] normals)
    {
        var weight = CandidateWeight * normals.Length / candidates.Length;
        return new DigitLearner(kind, digits.Count, candidates.Select(i => new LabelledDigits(digits.Of(windows, i), Anomalous: true, weight))
            .Concat(normals.Select(i => new LabelledDigits(digits.Of(windows, i), Anomalous: false, 1))));
    }
}
