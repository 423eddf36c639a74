using EdgeGateway.Packages.Manifests;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
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
        var windows = ProvenModels.Windows.First(CanonicalWindows.Fewest);
        var judged = models[ProvenModels.BuiltIn];
        Assert.Equal("proof-inverted", Compare(Ask(ChangedModel.Inverted(judged), windows), Ask(judged, windows)).Code);
        Assert.Equal(ProofResult.Passed, Compare(Ask(judged, windows), Ask(judged, windows)));
    }

    [Fact]
    public void In_the_shortest_proof_blindness_is_seen_still()
    {
        Assert.Equal("proof-blind", Compare(models.AnswersOf("blind-for-stuck").First(CanonicalWindows.Fewest)).Code);
        Assert.Equal("proof-blind", Compare(models.AnswersOf("inverted").First(CanonicalWindows.Fewest)).Code);
        Assert.Equal(ProofResult.Passed, Compare(models.AnswersOf("honest").First(CanonicalWindows.Fewest)));
    }

    [Fact]
    public void One_answer_for_all_and_an_answer_that_is_no_number_are_refused()
    {
        var judged = models[ProvenModels.BuiltIn];
        var windows = ProvenModels.Windows.First(CanonicalWindows.Fewest);
        Assert.Equal("proof-constant", Run(probabilities => Array.Fill(probabilities, 1f / probabilities.Length)).Code);
        var asked = 0;
        var broken = Run(probabilities => probabilities[0] = ++asked == 18 ? float.NaN : probabilities[0]);
        Assert.Equal("proof-not-finite", broken.Code);
        Assert.StartsWith("On canonical window 17 of 760 ", broken.Sentence, StringComparison.Ordinal);

        ProofResult Run(Action<float[]> change) =>
            Compare(Ask(judged with { Model = new ChangedModel(judged.Model!, change) }, windows), Ask(judged, windows));
    }

    [Fact]
    public void Where_no_model_runs_the_statistics_are_what_it_is_held_against()
    {
        var statistics = CanonicalAnswers.Of(new JudgedModel(null, models[ProvenModels.BuiltIn].Sensor), ProvenModels.Windows, _ => true, TestContext.Current.CancellationToken);
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
        Assert.Equal("proof-blind", Compare(models.AnswersOf("honest"), null, strict).Code);
    }

    [Fact]
    public void It_is_asked_after_every_window_whether_to_go_on_and_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        List<int> told = [];
        Assert.Throws<OperationCanceledException>(() => CanonicalAnswers.Of(models[ProvenModels.BuiltIn], ProvenModels.Windows, done =>
        {
            told.Add(done);
            if (done == 20)
            {
                cancel.Cancel();
            }

            return true;
        }, cancel.Token));
        Assert.Equal(Enumerable.Range(1, 20), told);
        Assert.Equal(models.AnswersOf(ProvenModels.BuiltIn).LogOdds[..7], CanonicalAnswers.Of(models[ProvenModels.BuiltIn], ProvenModels.Windows, done => done < 7, TestContext.Current.CancellationToken).LogOdds);
    }

    [Fact]
    public void Who_had_time_for_fewer_windows_is_compared_on_these()
    {
        var (few, all) = (models.AnswersOf("blind-for-stuck").First(CanonicalWindows.Fewest), models.AnswersOf(ProvenModels.BuiltIn));
        Assert.Equal("proof-blind", Compare(few, all).Code);
        Assert.Equal(Compare(few, all.First(CanonicalWindows.Fewest)), Compare(few, all));
        Assert.Equal(ProofResult.Passed, Compare(all, all.First(CanonicalWindows.Fewest)));
    }

    [Fact]
    public void Who_a_candidate_is_held_against_is_named()
    {
        var reference = models.AnswersOf(ProvenModels.BuiltIn) with { By = "the model of the image" };
        Assert.Contains("windows with the fault stuck that the model of the image finds", Compare(models.AnswersOf("blind-for-stuck"), reference).Sentence, StringComparison.Ordinal);
        Assert.Contains("faults, the model of the image 96; at most", Compare(models.AnswersOf("false-alarms"), reference).Sentence, StringComparison.Ordinal);
    }

    private static CanonicalAnswers Ask(JudgedModel judged, CanonicalWindows windows) => CanonicalAnswers.Of(judged, windows, _ => true, TestContext.Current.CancellationToken);

    private ProofResult Compare(CanonicalAnswers candidate, CanonicalAnswers? reference = null, ProofLimits? limits = null) =>
        CanonicalProof.Compare(candidate, reference ?? models.AnswersOf(ProvenModels.BuiltIn), ProvenModels.Windows, limits ?? Limits);

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
}
