using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGateway.Prompts;

/// <summary>
/// What an adapter brings beside its weights: the content of the <c>sensor.json</c> in its folder. Its scores are its own, so it has a threshold and a calibration of
/// its own, and the gate has no share in them; all else is the base model's. Format: docs/formats/sensor-adapter.md.
/// </summary>
/// <param name="Name">Name of the adapter, for people and for the versions in alerts.</param>
/// <param name="PromptVersion">That of the base model.</param>
/// <param name="Base">The model that it was trained on; on another it gives plausible nonsense.</param>
/// <param name="Threshold">Score (log-odds) above which a window counts as anomalous.</param>
/// <param name="HeldBack">What it gave on recordings of devices that were held back; null when that is not known.</param>
/// <param name="Forced">It was written although it did not help there.</param>
internal sealed record SensorAdapter(
    [property: JsonRequired] int Schema,
    [property: JsonRequired] string Name,
    [property: JsonRequired] int PromptVersion,
    [property: JsonRequired] AdapterBase Base,
    [property: JsonRequired] double Threshold,
    [property: JsonRequired] ScoreCalibration Calibration,
    AdapterProof? HeldBack = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Forced = false)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    /// <summary>Reads and checks the file of an adapter's folder.</summary>
    /// <exception cref="SensorModelException">It is missing or cannot be used; the message says what and where.</exception>
    public static SensorAdapter Load(string folder)
    {
        var path = Path.Combine(folder, SensorModel.FileName);
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads and checks the content of the file.</summary>
    /// <param name="path">What the file is called in messages.</param>
    /// <exception cref="SensorModelException">It cannot be used; the message says what and where.</exception>
    public static SensorAdapter Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            var adapter = JsonSerializer.Deserialize<SensorAdapter>(json, Json) ?? throw new JsonException("it holds null");
            return adapter.Schema != 1 ? throw new SensorModelException($"{path}: schema {adapter.Schema} is not known, this version reads schema 1.")
                : !double.IsFinite(adapter.Threshold) ? throw new SensorModelException($"{path}: the threshold is no finite number.")
                : adapter;
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The base model as it judges with this adapter.</summary>
    /// <param name="model">What the base reads and answers.</param>
    /// <param name="digest">SHA-256 of the base.</param>
    /// <exception cref="SensorModelException">The adapter was made for another model.</exception>
    public SensorModel On(SensorModel model, string digest) =>
        !string.Equals(Base.Sha256, digest, StringComparison.OrdinalIgnoreCase) ? throw new SensorModelException(
            $"The adapter {Name} was made for the model {Base.Name} with the SHA-256 {Base.Sha256}, but this one has {digest}; use that model, or train the adapter again on this one.")
        : PromptVersion != model.PromptVersion ? throw new SensorModelException(
            $"The adapter {Name} was made for prompts of version {PromptVersion}, but {model.Name} reads version {model.PromptVersion}; train the adapter again on this model.")
        : model.WithoutGate with { Threshold = Threshold, Calibration = Calibration };

    /// <summary>What in the folder holds the weights: its one .onnx_adapter file, else the folder itself as one of PEFT's form.</summary>
    public static string WeightsOf(string folder) => Directory.GetFiles(folder, "*.onnx_adapter") is [var file] ? file : folder;

    private static SensorModelException Unreadable(string path, Exception e) => new($"{path} cannot be read as the description of an adapter: {e.Message}", e);
}

/// <summary>The model that an adapter was trained on.</summary>
/// <param name="Sha256">Of the bytes of the graph file, its data files in the order of their names, and tokenizer.json, one behind the other; hexadecimal.</param>
internal sealed record AdapterBase([property: JsonRequired] string Name, [property: JsonRequired] string Sha256);

/// <summary>How an adapter did on events of devices that its training had not seen.</summary>
/// <param name="Before">F1 of the base model with its own threshold.</param>
/// <param name="After">F1 of the adapter with its own.</param>
/// <param name="Gain">95 % interval of the difference: paired bootstrap over series.</param>
internal sealed record AdapterProof(int Series, int Events, double Before, double After, double[] Gain);
