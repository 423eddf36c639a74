using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Updates.Steps;

/// <summary>Models as their packages come in: what each is held against, on a site whose image has as few windows as a slow model is asked for, 400 normal ones.</summary>
public sealed class CandidateStepsTests : IDisposable
{
    private readonly UpdateSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task Of_three_releases_each_a_little_worse_than_the_one_before_it_the_last_is_refused()
    {
        await ReadyAsync();
        await PutAsync(1, ThresholdOf(26).Threshold);
        await PutAsync(2, ThresholdOf(46).Threshold);
        var (threshold, falseAlarms) = ThresholdOf(80);
        await PutAsync(3, threshold);
        Assert.Equal((3, "proof-false-alarms", 2), (site.Refusal?.Release, site.Refusal?.Code, site.Model.Active?.Release));
        Assert.StartsWith($"It takes {falseAlarms} of 400 normal canonical windows for faults, the model of the image 14;", site.Refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_threshold_that_an_operator_set_holds_in_the_proof_in_place_of_the_package_s_own()
    {
        await ReadyAsync();
        await PutAsync(1, threshold: -20);
        Assert.Equal((1, "proof-false-alarms"), (site.Refusal?.Release, site.Refusal?.Code));

        site.Detection = DetectionSettings.Default with { Threshold = 0.3 };
        await PutAsync(2, threshold: -20);
        Assert.Equal(2, site.Model.Active?.Release);

        site.Detection = DetectionSettings.Default;
        await PutAsync(3, threshold: 20);
        Assert.Equal((3, "proof-blind"), (site.Refusal?.Release, site.Refusal?.Code));
    }

    [Fact]
    public async Task A_candidate_is_proven_anew_when_an_operator_changes_the_threshold_meanwhile()
    {
        await ReadyAsync();
        site.PutModel(release: 1);
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        var slot = site.Worker.Slots.Single();
        while (slot.Waiting.Code != "shadow")
        {
            await slot.AdvanceAsync(TestContext.Current.CancellationToken);
        }

        site.Detection = DetectionSettings.Default with { BudgetPercent = 50 };
        await slot.AdvanceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(UpdateStep.Prove, site.Model.Candidate?.Step);
        site.Detection = DetectionSettings.Default with { Threshold = 1 };
        await slot.AdvanceAsync(TestContext.Current.CancellationToken);
        Assert.Equal((UpdateStep.Fetch, null), (site.Model.Candidate?.Step, site.Model.Candidate?.Shadow));
        await site.TurnAsync();
        Assert.Equal(1, site.Model.Active?.Release);
    }

    [Fact]
    public async Task A_model_that_does_not_fit_beside_the_one_that_judges_takes_its_place_and_is_held_against_it_still()
    {
        await ReadyAsync();
        await PutAsync(1, threshold: null);
        site.FreeMemory = 1_000_000;
        var (threshold, falseAlarms) = ThresholdOf(60);
        await PutAsync(2, threshold);
        Assert.Equal((2, "proof-false-alarms"), (site.Refusal?.Release, site.Refusal?.Code));
        Assert.StartsWith($"It takes {falseAlarms} of 400 normal canonical windows for faults, the running model ", site.Refusal!.Sentence, StringComparison.Ordinal);
        Assert.Equal((1, "phi-sensor 1"), (site.Model.Active?.Release, site.Host.Model?.Version));

        await PutAsync(3, threshold: 20);
        Assert.Contains("that the running model finds it finds 0;", site.Refusal?.Sentence, StringComparison.Ordinal);
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);

        await PutAsync(4, ThresholdOf(20).Threshold);
        Assert.Equal((4, "phi-sensor 4"), (site.Model.Active?.Release, site.Host.Model?.Version));
    }

    [Fact]
    public async Task While_it_is_proven_in_the_place_of_another_statistics_judge_and_a_kill_brings_the_other_back()
    {
        await ReadyAsync();
        await PutAsync(1, threshold: null);
        site.FreeMemory = 1_000_000;
        site.PutModel(release: 2);
        await site.Worker.LookOnceAsync(TestContext.Current.CancellationToken);
        var slot = site.Worker.Slots.Single();
        while (site.Model.Candidate!.Step != UpdateStep.Prove)
        {
            Assert.Equal(site.Model.Candidate.Step < UpdateStep.WarmUp, site.Host.HasModel);
            await slot.AdvanceAsync(TestContext.Current.CancellationToken);
        }

        await site.KillAsync();
        Assert.Equal("phi-sensor 1", site.Host.Model?.Version);
        await site.TurnAsync();
        Assert.Equal("phi-sensor 2", site.Host.Model?.Version);
    }

    private async Task ReadyAsync()
    {
        await site.TurnAsync();
        site.Grant();
        await site.TurnAsync();
    }

    private async Task PutAsync(int release, double? threshold)
    {
        site.PutModel(release, threshold: threshold);
        await site.TurnAsync();
        site.Judge();
        await site.TurnAsync();
    }

    /// <summary>
    /// A threshold at which the built-in model, computed as packages are, takes about so many of the normal windows for faults, and how many exactly: as many in every form, for which is the fastest each load
    /// measures anew, and forms round differently.
    /// </summary>
    private static (double Threshold, int FalseAlarms) ThresholdOf(int about)
    {
        var ofForms = Forms().Select(ScoresOf).ToList();
        var (low, high) = (Enumerable.Range(0, ofForms[0].Length).Select(i => ofForms.Max(s => s[i])).ToArray(), Enumerable.Range(0, ofForms[0].Length).Select(i => ofForms.Min(s => s[i])).ToArray());
        var count = Enumerable.Range(1, low.Length - 1).Where(n => high[n - 1] > low[n]).MinBy(n => Math.Abs(n - about));
        return ((high[count - 1] + low[count]) / 2, count);
    }

    private static IEnumerable<ComputeForm> Forms() => CpuFeatures.HasInt8Products ? [ComputeForm.Float, ComputeForm.AsBuilt, ComputeForm.Int8] : [ComputeForm.Float, ComputeForm.AsBuilt];

    /// <summary>The scores of the normal windows, highest first.</summary>
    private static double[] ScoresOf(ComputeForm form)
    {
        using var model = LoadedModel.Load(LoadedModel.BuiltIn, adapters: true, form);
        using var judge = model.NewJudge();
        var windows = CanonicalWindows.Load(CanonicalWindows.BuiltIn).First(CanonicalWindows.Fewest);
        var answers = CanonicalAnswers.Of(new JudgedModel(judge, model.Sensor), windows, _ => true, TestContext.Current.CancellationToken);
        return [.. windows.All.Zip(answers.LogOdds).Where(w => !w.First.IsFault).Select(w => model.Sensor.Score(w.Second, Gate.Score(w.First.Fields.AsSpan()))).OrderDescending()];
    }
}
