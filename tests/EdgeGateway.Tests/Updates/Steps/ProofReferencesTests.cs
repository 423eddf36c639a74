using System.Collections.Immutable;
using EdgeGateway.Models;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Updates.Proving;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Steps;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Updates.Steps;

public sealed class ProofReferencesTests : IDisposable
{
    private static readonly SlotId Pumps = new("pumps");
    private readonly UpdateSite site = new();

    private UpdateParts Parts => site.Parts with { Canonical = new Lazy<CanonicalWindows>(ProvenModels.Windows.First(40)) };

    public void Dispose() => site.Dispose();

    [Fact]
    public void An_adapter_is_held_against_what_judges_now_and_where_that_is_an_adapter_against_the_model_without_it()
    {
        site.Host.UseFolder(LoadedModel.BuiltIn);
        var alone = Assert.Single(Of(Pumps));
        Assert.Equal("the running model", alone.By);

        using var folder = new Storage.TempFolder();
        site.Host.Put(site.Host.Model!.LoadAdapter(Models.SiteAdapter.Write(folder.File("pumps"))));
        var both = Of(Pumps);
        Assert.Equal(["the running model", ProofReferences.Alone], both.Select(answers => answers.By));
        Assert.NotEqual(alone.LogOdds, both[0].LogOdds);
        Assert.Equal(alone.LogOdds, both[1].LogOdds);
    }

    [Fact]
    public void A_model_is_held_against_that_of_the_image_where_that_does_not_judge_and_against_statistics_where_none_does()
    {
        Assert.Equal(["the statistics", "the model of the image"], Of(SlotId.Model).Select(answers => answers.By));
        site.Host.UseFolder(LoadedModel.BuiltIn);
        Assert.Equal(["the running model"], Of(SlotId.Model).Select(answers => answers.By));
    }

    [Fact]
    public void All_are_asked_under_the_threshold_that_an_operator_set()
    {
        site.Host.UseFolder(LoadedModel.BuiltIn);
        site.Detection = DetectionSettings.Default with { Threshold = 20 };
        Assert.DoesNotContain(true, Of(SlotId.Model)[0].Anomalous);
        site.Detection = DetectionSettings.Default with { Threshold = -20 };
        Assert.DoesNotContain(false, Of(SlotId.Model)[0].Anomalous);
    }

    [Theory]
    [InlineData(0, 5800)]
    [InlineData(.2, 3000)]
    [InlineData(1, 760)]
    [InlineData(60, 760)]
    public void A_slow_model_is_asked_for_as_many_windows_as_it_has_time_for_but_always_for_enough(double seconds, int windows)
    {
        using var slow = new Slow(() => site.Clock.Advance(TimeSpan.FromSeconds(seconds)));
        var parts = site.Parts with { Canonical = new Lazy<CanonicalWindows>(ProvenModels.Windows) };
        Assert.Equal(windows, ProofReferences.Ask(new JudgedModel(slow, site.Host.Sensor), parts, TestContext.Current.CancellationToken).Count);
    }

    private ImmutableArray<CanonicalAnswers> Of(SlotId slot) => ProofReferences.Of(slot, Parts, TestContext.Current.CancellationToken).All;

    /// <summary>Says the same of all, and takes its time for it.</summary>
    private sealed class Slow(Action pass) : IVerdictModel
    {
        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            pass();
            probabilities.Fill(1f / probabilities.Length);
        }

        public void Dispose()
        {
            // nothing is held
        }
    }
}
