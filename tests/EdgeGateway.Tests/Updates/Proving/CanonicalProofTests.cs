using EdgeGateway.Packages.Manifests;
using EdgeGateway.Prompts;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.Tests.Updates.Proving;

public sealed class CanonicalProofTests(ProvenModels models) : IClassFixture<ProvenModels>
{
    private static readonly ProofLimits Limits = new();

    [Theory]
    [InlineData(ProvenModels.BuiltIn)]
    [InlineData("honest")]
    public void The_built_in_model_and_an_honest_adapter_pass(string name) => Assert.Equal(ProofResult.Passed, Compare(models.AnswersOf(name)));

    [Theory]
    [InlineData("inverted", "proof-blind", "that the running model finds it finds")]
    [InlineData("blind-for-stuck", "proof-blind", "windows with the fault stuck that")]
    [InlineData("false-alarms", "proof-false-alarms", "of 4000 normal canonical windows")]
    public void An_adapter_that_was_trained_on_wrong_labels_is_refused(string name, string code, string words)
    {
        var result = Compare(models.AnswersOf(name));
        Assert.Equal(code, result.Code);
        Assert.Contains(words, result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_is_blind_for_stuck_alone()
    {
        var (blind, usual) = (models.AnswersOf("blind-for-stuck"), models.AnswersOf(ProvenModels.BuiltIn));
        var seen = Forget(blind, usual, "stuck");
        Assert.Equal(ProofResult.Passed, Compare(seen));
    }

    [Theory]
    [InlineData(ProvenModels.BuiltIn)]
    [InlineData("honest")]
    public void Thrice_the_false_alarms_by_nothing_but_a_lowered_threshold_are_refused(string name)
    {
        var (answers, reference) = (models.AnswersOf(name), models.AnswersOf(name));
        var result = Compare(Lowered(answers, 3 * FalseAlarms(reference)), reference);
        Assert.Equal("proof-false-alarms", result.Code);
        Assert.Equal(ProofResult.Passed, Compare(Lowered(answers, 3 * FalseAlarms(reference) / 2), reference));
    }

    [Fact]
    public void Inverted_answers_are_refused_as_such_in_the_shortest_proof_too()
    {
        var windows = ProvenModels.Windows.Within(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        var judged = models[ProvenModels.BuiltIn];
        Assert.Equal("proof-inverted", CanonicalProof.Run(ChangedModel.Inverted(judged), judged, windows, Limits, _ => { }, TestContext.Current.CancellationToken).Code);
        Assert.Equal(ProofResult.Passed, CanonicalProof.Run(judged, judged, windows, Limits, _ => { }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void In_the_shortest_proof_blindness_is_seen_still()
    {
        var windows = ProvenModels.Windows.Within(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("proof-blind", Compare(First(models.AnswersOf("blind-for-stuck"), windows), First(models.AnswersOf(ProvenModels.BuiltIn), windows), windows).Code);
        Assert.Equal("proof-blind", Compare(First(models.AnswersOf("inverted"), windows), First(models.AnswersOf(ProvenModels.BuiltIn), windows), windows).Code);
        Assert.Equal(ProofResult.Passed, Compare(First(models.AnswersOf("honest"), windows), First(models.AnswersOf(ProvenModels.BuiltIn), windows), windows));
    }

    [Fact]
    public void One_answer_for_all_and_an_answer_that_is_no_number_are_refused()
    {
        var judged = models[ProvenModels.BuiltIn];
        var windows = ProvenModels.Windows.Within(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("proof-constant", Run(probabilities => Array.Fill(probabilities, 1f / probabilities.Length)).Code);
        var asked = 0;
        var broken = Run(probabilities => probabilities[0] = ++asked == 18 ? float.NaN : probabilities[0]);
        Assert.Equal("proof-not-finite", broken.Code);
        Assert.StartsWith("On canonical window 17 of 760 ", broken.Sentence, StringComparison.Ordinal);

        ProofResult Run(Action<float[]> change) =>
            CanonicalProof.Run(judged with { Model = new ChangedModel(judged.Model!, change) }, judged, windows, Limits, _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Where_no_model_runs_the_statistics_are_what_it_is_held_against()
    {
        var statistics = CanonicalAnswers.Of(new JudgedModel(null, models[ProvenModels.BuiltIn].Sensor), ProvenModels.Windows, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(ProofResult.Passed, Compare(models.AnswersOf(ProvenModels.BuiltIn), statistics));
        Assert.True(FalseAlarms(statistics) > FalseAlarms(models.AnswersOf(ProvenModels.BuiltIn)));
    }

    [Fact]
    public void A_manifest_may_ask_for_less_and_never_for_more()
    {
        var strict = Limits.TightenedBy(new PackageLimits(100, 100, 5, 110, 50));
        Assert.Equal(Limits with { LeastRecall = 100, MostFalseAlarms = 100, MostDisagreement = 5, MostAlerts = 110, MostSilence = 50 }, strict);
        Assert.Equal(Limits, Limits.TightenedBy(new PackageLimits(1, 1000, 100, 1000, 100)));
        Assert.Equal(Limits, Limits.TightenedBy(new PackageLimits(null, null, null, null, null)));
        Assert.Equal(Limits, Limits.TightenedBy(null));
        Assert.Equal("proof-blind", Compare(models.AnswersOf("honest"), null, null, strict).Code);
    }

    [Fact]
    public void It_tells_how_far_it_is_and_can_be_cancelled()
    {
        var windows = ProvenModels.Windows.Within(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        using var cancel = new CancellationTokenSource();
        List<int> told = [];
        Assert.Throws<OperationCanceledException>(() => CanonicalProof.Run(models[ProvenModels.BuiltIn], models[ProvenModels.BuiltIn], windows, Limits, done =>
        {
            told.Add(done);
            if (done == 800)
            {
                cancel.Cancel();
            }
        }, cancel.Token));
        Assert.Equal(Enumerable.Range(1, 800), told);
    }

    private ProofResult Compare(CanonicalAnswers candidate, CanonicalAnswers? reference = null, CanonicalWindows? windows = null, ProofLimits? limits = null) =>
        CanonicalProof.Compare(candidate, reference ?? models.AnswersOf(ProvenModels.BuiltIn), windows ?? ProvenModels.Windows, limits ?? Limits);

    private static int FalseAlarms(CanonicalAnswers answers) => ProvenModels.Windows.All.Where((w, i) => !w.IsFault && answers.Anomalous[i]).Count();

    /// <summary>The same by a threshold at which so many normal windows are above it.</summary>
    private static CanonicalAnswers Lowered(CanonicalAnswers answers, int falseAlarms)
    {
        var threshold = ProvenModels.Windows.All.Zip(answers.LogOdds).Where(w => !w.First.IsFault).Select(w => w.Second).OrderDescending().ElementAt(falseAlarms);
        return answers with { Anomalous = [.. answers.LogOdds.Select(odds => odds > threshold)] };
    }

    /// <summary>The answers with those of another model for the windows of one kind.</summary>
    private static CanonicalAnswers Forget(CanonicalAnswers answers, CanonicalAnswers other, string kind) =>
        answers with { Anomalous = [.. ProvenModels.Windows.All.Select((w, i) => (w.Kind == kind ? other : answers).Anomalous[i])] };

    private static CanonicalAnswers First(CanonicalAnswers answers, CanonicalWindows windows) => new(answers.LogOdds[..windows.All.Length], answers.Anomalous[..windows.All.Length]);
}
