using System.Security.Cryptography;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Models;

/// <summary>A model that can judge, from a folder or from a package. Disposing it lets verdicts under way finish; its adapters must be gone before.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly PhiModel model;
    private readonly Lazy<BaseModel> identity;

    private LoadedModel(PhiModel ownedModel, SensorModel sensor, PackageManifest? manifest, Lazy<BaseModel> identity)
    {
        (model, Sensor, Manifest, this.identity) = (ownedModel, sensor, manifest, identity);
        Version = manifest is null ? sensor.Name : VersionOf(manifest);
    }

    /// <summary>The folder of the model that comes with this version.</summary>
    public static string BuiltIn => Path.Combine(AppContext.BaseDirectory, "models", "phi-sensor");

    /// <summary>What it reads and answers.</summary>
    public SensorModel Sensor { get; }

    /// <summary>The package that it came as; null for a folder.</summary>
    public PackageManifest? Manifest { get; }

    /// <summary>Its name, and its release where it came as a package.</summary>
    public string Version { get; }

    /// <summary>Whether its opened weights are locked, out of reach of swap; null for a folder. The copies that the engine packs never are.</summary>
    public bool? IsLocked { get; private init; }

    /// <summary>Whether adapters can be loaded on it.</summary>
    public bool HasRoom { get; private init; }

    /// <summary>What adapters for it name. Of a folder it is computed when it is asked for, from the files as they are then.</summary>
    /// <exception cref="ModelRefusedException">The files are not any more what was loaded.</exception>
    public BaseModel Identity => identity.Value;

    /// <summary>Loads the model of a folder.</summary>
    /// <param name="adapters">Makes room for adapters, which costs some percent of time.</param>
    /// <param name="compute">Null: the built-in model in float, which is its fastest form and gives the same verdicts on every machine; another in what is fastest here.</param>
    /// <exception cref="SensorModelException">It cannot judge sensors.</exception>
    /// <exception cref="ModelRefusedException">The engine refuses it.</exception>
    public static LoadedModel Load(string folder, bool adapters = false, ComputeForm? compute = null)
    {
        var sensor = SensorModel.Load(folder);
        var form = compute ?? (Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) == BuiltIn ? ComputeForm.Float : ComputeForm.Fastest);
        var model = PhiModel.Load(folder, new PhiModelOptions { Compute = form, Adapters = adapters });
        return new LoadedModel(model, sensor, null, new Lazy<BaseModel>(() =>
            new BaseModel(DecoderWeights.Digest(folder), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, Tokenizer.FileName)))), sensor.PromptVersion)))
        {
            HasRoom = adapters,
        };
    }

    /// <summary>Loads the model of a package. The caller keeps the files, and may dispose them at once.</summary>
    /// <param name="adapters">Makes room for adapters.</param>
    /// <param name="memoryLimit">Bytes that it may take; null: all that this process may.</param>
    /// <param name="compute">How products are computed.</param>
    /// <exception cref="SensorModelException">It cannot judge sensors.</exception>
    /// <exception cref="ModelRefusedException">The engine refuses it, or it is not the model that its manifest says.</exception>
    public static LoadedModel Load(OpenedFiles files, bool adapters = false, long? memoryLimit = null, ComputeForm compute = ComputeForm.Fastest)
    {
        var sensor = files.Files.TryGetValue(SensorModel.FileName, out var json) ? SensorModel.Parse(json.Span, SensorModel.FileName) : SensorModel.Load(SensorModel.ForChatModels);
        var memory = files.ToModel();
        BaseModel identity;
        try
        {
            // before the engine gives the weights back that it has packed
            identity = new BaseModel(DecoderWeights.Digest(memory), Convert.ToHexStringLower(SHA256.HashData(memory.Files[Tokenizer.FileName].Span)), sensor.PromptVersion);
            _ = identity == files.Manifest.Base ? 0 : throw new ModelRefusedException(RefusalReason.ConfigDisagrees,
                $"The package says that its model is {files.Manifest.Base}, but its files are {identity}; have the package made anew from the model's folder.");
        }
        catch
        {
            memory.Released();
            throw;
        }

        var model = PhiModel.Load(memory, new PhiModelOptions { Compute = compute, Adapters = adapters, MemoryLimit = memoryLimit });
        return new LoadedModel(model, sensor, files.Manifest, new Lazy<BaseModel>(identity)) { HasRoom = adapters, IsLocked = files.IsLocked };
    }

    /// <summary>Loads an adapter of this model from a package; the files may be disposed at once.</summary>
    /// <exception cref="SensorModelException">It was made for another model, or its description is missing or cannot be used.</exception>
    /// <exception cref="ModelRefusedException">The engine refuses it.</exception>
    public LoadedAdapter LoadAdapter(OpenedFiles files)
    {
        var described = files.Files.TryGetValue(SensorModel.FileName, out var json)
            ? SensorAdapter.Parse(json.Span, SensorModel.FileName)
            : throw new SensorModelException($"The package of the {files.Manifest.Slot} has no {SensorModel.FileName}; have it made from the folder that phitrain wrote.");
        var sensor = described.On(Sensor, Identity.Model);
        return new LoadedAdapter(this, model.LoadAdapter(files.Manifest.Slot.Name, files.Files), sensor, files.Manifest.Slot.Name, files.Manifest);
    }

    /// <summary>Loads an adapter of this model from a folder.</summary>
    /// <exception cref="SensorModelException">As above.</exception>
    /// <exception cref="ModelRefusedException">As above.</exception>
    public LoadedAdapter LoadAdapter(string folder)
    {
        var described = SensorAdapter.Load(folder);
        var sensor = described.On(Sensor, Identity.Model);
        return new LoadedAdapter(this, model.LoadAdapter(SensorAdapter.WeightsOf(folder)), sensor, described.Name, null);
    }

    /// <summary>A judge for one thread.</summary>
    /// <exception cref="SensorModelException">A label is not one token, or prompts do not fit into the model's context.</exception>
    public PhiVerdictModel NewJudge() => new(model, Sensor);

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    internal PhiVerdictModel NewJudge(SensorModel sensor, Phi.Lora.LoraAdapter adapter) => new(model, sensor, adapter);

    internal static string VersionOf(PackageManifest manifest) => $"{manifest.Slot.Name} {manifest.Release}";
}
