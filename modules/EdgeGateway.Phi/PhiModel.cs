using EdgeGateway.Phi.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>
/// A loaded Phi-architecture model: a folder of ONNX Runtime GenAI's form, its graph adapted at load (last row only, float products). Thread-safe; scorers made from it are
/// not.
/// </summary>
public sealed class PhiModel : IDisposable
{
    private static readonly string[] Inputs = ["input_ids", "attention_mask"];
    private static readonly Lock RuntimeGate = new();
    private static OrtEnv? runtime;

    private PhiModel(PhiConfig config, Tokenizer tokenizer, InferenceSession session) => (Config, Tokenizer, Session) = (config, tokenizer, session);

    /// <summary>What genai_config.json says.</summary>
    public PhiConfig Config { get; }

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    internal InferenceSession Session { get; }

    /// <summary>Loads a folder.</summary>
    /// <exception cref="ModelRefusedException">It cannot be used; reason and message say why.</exception>
    public static PhiModel Load(string folder, PhiModelOptions options)
    {
        var config = PhiConfig.Load(folder);
        var tokenizer = Tokenizer.Load(folder);
        var model = ModelFiles.Read(folder, config.GraphFile);
        CheckGraph(config, model.Graph, Path.Combine(folder, config.GraphFile));
        if (options.Exact)
        {
            GraphSurgery.ComputeInFloat(model.Graph);
        }

        if (options.LastRowOnly)
        {
            GraphSurgery.KeepLastRow(model.Graph);
        }

        return new PhiModel(config, tokenizer, NewSession(folder, config, model));
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private static InferenceSession NewSession(string folder, PhiConfig config, ModelProto model)
    {
        EnsureRuntime();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.DisablePerSessionThreads();
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetFullPath(folder));
        options.AddSessionConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
        try
        {
            return new InferenceSession(model.ToByteArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRefusedException(RefusalReason.Runtime, $"ONNX Runtime cannot load {Path.Combine(folder, config.GraphFile)}: {e.Message}", e);
        }
    }

    /// <summary>
    /// One global pool for all sessions, which does not spin: spinning threads of several sessions, or beside other busy processes, slow each other down three- to sixfold. A
    /// verdict runs on its caller's thread alone. Must come before any other call of the runtime.
    /// </summary>
    private static void EnsureRuntime()
    {
        lock (RuntimeGate)
        {
            if (runtime is not null)
            {
                return;
            }

            using var threads = new OrtThreadingOptions { GlobalIntraOpNumThreads = 1, GlobalInterOpNumThreads = 1, GlobalSpinControl = false };
            var options = new EnvironmentCreationOptions { logId = "EdgeGateway.Phi", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, threadOptions = threads };
            runtime = OrtEnv.CreateInstanceWithOptions(ref options);
        }
    }

    private static void CheckGraph(PhiConfig config, GraphProto graph, string path)
    {
        foreach (var name in Inputs.Concat(Enumerable.Range(0, config.Layers).SelectMany(i => LabelScorer.PastNames(i))))
        {
            if (graph.Input.All(i => i.Name != name))
            {
                throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path} has no input \"{name}\", which {PhiConfig.FileName} (num_hidden_layers {config.Layers}) makes expect.");
            }
        }

        if (graph.Input.Count(i => i.Name.StartsWith("past_key_values.", StringComparison.Ordinal)) != 2 * config.Layers)
        {
            throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path} has more layers than {PhiConfig.FileName} says (num_hidden_layers {config.Layers}).");
        }

        var shape = graph.Input.First(i => i.Name == LabelScorer.PastNames(0).First()).Type.TensorType.Shape.Dim;
        if (shape.Count != 4 || shape[1].DimValue != config.KeyValueHeads || shape[3].DimValue != config.HeadSize)
        {
            throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path} has a cache of {shape} but {PhiConfig.FileName} says {config.KeyValueHeads} heads of {config.HeadSize}.");
        }

        var logits = graph.Output.FirstOrDefault(o => o.Name == GraphSurgery.LogitsName)
            ?? throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path} has no output \"{GraphSurgery.LogitsName}\".");
        if (logits.Type.TensorType.Shape.Dim[^1].DimValue is var rows && rows != config.VocabularySize)
        {
            throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path} gives {rows} logits but {PhiConfig.FileName} says a vocab_size of {config.VocabularySize}.");
        }
    }
}
