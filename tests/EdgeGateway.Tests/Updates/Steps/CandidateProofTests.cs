using System.Text.Json.Nodes;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tests.Models;
using EdgeGateway.Tests.Packages.Verification;
using EdgeGateway.Tests.Updates.Proving;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Steps;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Updates.Steps;

/// <summary>Adapters of the built-in model beside what judges a plant with faults.</summary>
public sealed class CandidateProofTests : IDisposable
{
    private static readonly SourceSettings Source = Any.Source() with { Adapter = "pumps" };
    private static readonly Lazy<IReadOnlyList<WindowSummary>> Plant = new(() => [.. LiveStream.Plant(sensors: 8, samples: 1_500, faulty: true)
        .GroupBy(w => w.Sensor.Id).SelectMany(g => { var sensor = Any.Sensor(g.Key, source: Source); return g.Select(w => w with { Sensor = sensor }); }).OrderBy(w => w.Samples)]);

    private readonly UpdateSite site = new();
    private readonly Storage.TempFolder folder = new();

    public CandidateProofTests() => site.Host.UseFolder(LoadedModel.BuiltIn);

    public void Dispose()
    {
        site.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void An_adapter_that_is_as_silent_as_the_one_before_it_is_refused_for_what_the_model_without_them_sees()
    {
        ShadowStates? kept = null;
        var outcome = Live(threshold: 20, running: 20, keep: states => kept = states, mostDisagreement: 1);
        Assert.Equal("shadow-disagreement", outcome.Code);
        Assert.StartsWith("It disagreed with the model without an adapter on ", outcome.Sentence, StringComparison.Ordinal);
        Assert.Equal((0, 0), (kept!.Running!.ActiveAlerts, kept.Running.Disagreements));
        Assert.True(kept.Alone!.ActiveAlerts > 0 && kept.Alone.Disagreements > 0, $"{kept.Alone}");
    }

    [Fact]
    public void Live_windows_are_judged_under_the_threshold_that_an_operator_set()
    {
        Assert.Equal("shadow-disagreement", Live(threshold: -20).Code);
        Assert.Equal(StepOutcome.Done, Live(threshold: -20, set: 1));
    }

    /// <summary>Judges the plant until it is decided.</summary>
    /// <param name="threshold">Of the candidate.</param>
    /// <param name="running">The same adapter judges with this threshold; null: the model alone does.</param>
    /// <param name="set">By an operator.</param>
    private StepOutcome Live(double threshold, double? running = null, double? set = null, Action<ShadowStates>? keep = null, int mostDisagreement = 20)
    {
        var (detection, host) = (DetectionSettings.Default with { Threshold = set }, site.Host);
        using var package = SealedPackage.Of(Adapter(threshold), Sample.Pumps, host.Model!.Identity);
        using var loaded = new LoadedPackage(package.Accepted, package.Open(), host);
        Assert.Equal(StepOutcome.Done, loaded.Stage(memoryLimit: null));
        using var before = running is null ? null : host.Model!.LoadAdapter(Adapter(running.Value));
        _ = before is null ? null : host.Put(before);
        var parts = site.Parts with { Limits = new ProofLimits { ShadowWindows = 400, MostDisagreement = mostDisagreement } };
        using var proof = new CandidateProof(new SlotId("pumps"), parts, loaded, package.Accepted.Manifest, new ProofReferences([], detection), new ShadowStates(null, null));
        var (judge, writer) = (new WindowJudge(host, detection, new Accounting()), new PromptWriter(host.Sensor));
        var outcome = proof.OnLive(_ => { });
        for (var i = 0; outcome.End == StepEnd.Waits; i++)
        {
            judge.Judge(writer.Write(Plant.Value[i % Plant.Value.Count]), withinBudget: true);
            site.Clock.Advance(TimeSpan.FromSeconds(1));
            outcome = proof.OnLive(keep ?? (_ => { }));
        }

        host.RemoveAdapter("pumps");
        return outcome;
    }

    /// <summary>The folder of an adapter that was trained on right labels, with another threshold.</summary>
    private string Adapter(double threshold)
    {
        var (from, to) = (ProvenModels.FolderOf("honest"), Directory.CreateDirectory(folder.File($"pumps-{threshold}")).FullName);
        File.Copy(Path.Combine(from, "adapter.onnx_adapter"), Path.Combine(to, "adapter.onnx_adapter"), overwrite: true);
        var sensor = JsonNode.Parse(File.ReadAllText(Path.Combine(from, SensorModel.FileName)))!;
        (sensor["name"], sensor["threshold"]) = ("pumps", threshold);
        File.WriteAllText(Path.Combine(to, SensorModel.FileName), sensor.ToJsonString());
        return to;
    }
}
