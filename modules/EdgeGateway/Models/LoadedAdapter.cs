using EdgeGateway.Packages.Manifests;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Models;

/// <summary>An adapter that can judge, on the model that it was loaded on. Disposing it lets verdicts under way finish.</summary>
/// <param name="model">Stays its owner's.</param>
/// <param name="ownedLora">The factors.</param>
/// <param name="sensor">What the model reads and answers with it: its own threshold and calibration.</param>
/// <param name="name">What sources call it in the settings.</param>
/// <param name="manifest">The package that it came as; null for a folder.</param>
internal sealed class LoadedAdapter(LoadedModel model, LoraAdapter ownedLora, SensorModel sensor, string name, PackageManifest? manifest) : IDisposable
{
    /// <summary>The model under it.</summary>
    public LoadedModel Model { get; } = model;

    /// <summary>What sources call it in the settings.</summary>
    public string Name { get; } = name;

    /// <summary>What the model reads and answers with it.</summary>
    public SensorModel Sensor { get; } = sensor;

    /// <summary>The package that it came as; null for a folder.</summary>
    public PackageManifest? Manifest { get; } = manifest;

    /// <summary>Its name, and its release where it came as a package.</summary>
    public string Version { get; } = manifest is null ? name : LoadedModel.VersionOf(manifest);

    /// <summary>A judge for one thread.</summary>
    public PhiVerdictModel NewJudge() => Model.NewJudge(Sensor, ownedLora);

    /// <inheritdoc/>
    public void Dispose() => ownedLora.Dispose();
}
