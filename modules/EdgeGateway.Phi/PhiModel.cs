using EdgeGateway.Phi.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>
/// A loaded model folder of ONNX Runtime GenAI's form: genai_config.json, the graph that it names, external weights, tokenizer.json.
/// Safe for many threads; each of them judges through a <see cref="LabelScorer"/> of its own. Dispose it after its scorers.
/// </summary>
public sealed class PhiModel : IDisposable
{
    private PhiModel(PhiModelConfig config, Tokenizer tokenizer, InferenceSession session, int? rotarySwitch)
    {
        RotarySwitch = rotarySwitch;
        Config = config;
        Tokenizer = tokenizer;
        Session = session;
    }

    /// <summary>Sizes and names, checked against the graph.</summary>
    public PhiModelConfig Config { get; }

    /// <summary>The folder's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    internal InferenceSession Session { get; }

    /// <summary>Longest total length of the short rotary table of a longrope model, else null.</summary>
    internal int? RotarySwitch { get; }

    /// <summary>Reads, checks and opens a folder. Nothing outside of it is read.</summary>
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static PhiModel Load(string folder, PhiModelOptions? options = null)
    {
        options ??= new PhiModelOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        var (config, tokenizer, graph, files) = CheckedFolder.Read(folder);
        var rotarySwitch = Onnx.RotarySwitch.Find(graph);
        GraphSurgery.KeepLastLogits(graph, config.Names.Logits);
        GraphSurgery.UseFullCache(graph);
        if (options.Exact)
        {
            GraphSurgery.ComputeInFloat(graph);
        }

        return new PhiModel(config, tokenizer, OrtRuntime.Open(graph.Model.ToByteArray(), files, config.GraphFile, options), rotarySwitch);
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
