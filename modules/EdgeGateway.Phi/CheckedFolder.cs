using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>A model folder that was read and held against itself; the runtime has not seen it yet.</summary>
internal sealed record CheckedFolder(PhiModelConfig Config, Tokenizer Tokenizer, OnnxGraph Graph, ModelFolder Files)
{
    /// <summary>Reads everything but the external weights, of which only the sizes are looked at.</summary>
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static CheckedFolder Read(string folder)
    {
        var files = new ModelFolder(folder);
        var config = PhiModelConfig.Read(files);
        var tokenizer = Tokenizer.Parse(files.Read(Tokenizer.FileName, "ONNX Runtime GenAI's form"));
        var graph = OnnxGraph.Parse(config.GraphFile, files.Read(config.GraphFile, $"decoder.filename in {PhiModelConfig.FileName}"));
        new TensorGuard(graph, files).Check();
        new GraphCheck(graph, config).Check();
        return tokenizer.Size <= config.VocabularySize
            ? new CheckedFolder(config, tokenizer, graph, files)
            : throw new ModelRefusedException(RefusalReason.ConfigDisagrees,
                $"{Tokenizer.FileName} has {tokenizer.Size} ids, but {PhiModelConfig.FileName} says vocab_size {config.VocabularySize}; copy both files from the same build of the model.");
    }
}
