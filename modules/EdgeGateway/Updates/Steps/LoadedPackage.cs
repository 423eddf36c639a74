using EdgeGateway.Models;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Updates.Steps;

/// <summary>A package in memory: opened, then staged as a model or adapter of the engine, then warm. Owns all of it until the engine's part is taken.</summary>
internal sealed class LoadedPackage(AcceptedPackage accepted, OpenedFiles ownedFiles, ModelHost host) : IDisposable
{
    private LoadedModel? model;
    private LoadedAdapter? adapter;

    /// <summary>What it is.</summary>
    public AcceptedPackage Accepted => accepted;

    /// <summary>What the model reads and answers; once it is staged.</summary>
    public SensorModel Sensor => adapter?.Sensor ?? model!.Sensor;

    /// <summary>The golden windows of the package; null: it has none.</summary>
    public ReadOnlyMemory<byte>? Golden => accepted.Manifest.Golden is { } name ? ownedFiles.Files[name] : default(ReadOnlyMemory<byte>?);

    /// <summary>Whether it is an adapter of a model that was exchanged since.</summary>
    public bool IsOutdated => adapter is not null && adapter.Model != host.Model;

    /// <summary>The engine reads it.</summary>
    /// <param name="memoryLimit">Bytes that a model may take; null: all that this process may, as what it has in memory goes.</param>
    public StepOutcome Stage(long? memoryLimit) => Refusing(() =>
    {
        if (model is not null || adapter is not null)
        {
            // a full disk did not note the step
            return StepOutcome.Done;
        }

        if (accepted.Manifest.Slot.Kind == Packages.Manifests.PackageKind.Model)
        {
            model = LoadedModel.Load(ownedFiles, host.NeedsRoom(), memoryLimit);
        }
        else if (host.Model is { HasRoom: true } under)
        {
            adapter = under.LoadAdapter(ownedFiles);
        }
        else
        {
            return StepOutcome.Waits("no-model", "An adapter needs a model under it that was loaded with room for adapters, and none judges now.");
        }

        return StepOutcome.Done;
    });

    /// <summary>A first answer: what is computed once is computed here, and not before somebody's window.</summary>
    public StepOutcome WarmUp() => Refusing(() =>
    {
        using var judge = NewJudge();
        var answer = new float[Sensor.Labels.Length];
        judge.Judge(Sensor.Suffix, answer);
        return Array.TrueForAll(answer, float.IsFinite) ? StepOutcome.Done : StepOutcome.Refused("not-finite", "It answers with no number; its weights are broken: train or convert it again.");
    });

    /// <summary>A judge for one thread.</summary>
    public IVerdictModel NewJudge() => adapter?.NewJudge() ?? model!.NewJudge();

    /// <summary>Takes the model, which the caller owns from now on.</summary>
    public LoadedModel TakeModel()
    {
        var taken = model!;
        model = null;
        return taken;
    }

    /// <summary>Takes the adapter, which the caller owns from now on.</summary>
    public LoadedAdapter TakeAdapter()
    {
        var taken = adapter!;
        adapter = null;
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        adapter?.Dispose();
        model?.Dispose();
        ownedFiles.Dispose();
    }

    private static StepOutcome Refusing(Func<StepOutcome> step)
    {
        try
        {
            return step();
        }
        catch (ModelRefusedException e) when (e.Reason == RefusalReason.TooLarge)
        {
            return StepOutcome.Refused("memory", e.Message);
        }
        catch (Exception e) when (e is ModelRefusedException or SensorModelException)
        {
            return StepOutcome.Refused("engine", e.Message);
        }
    }
}
