using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>A model folder that was read and found sound, before a session is opened on it.</summary>
internal sealed record ModelSource(ModelFiles Files, PhiModelConfig Config, Tokenizer Tokenizer, OnnxGraph Graph)
{
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static ModelSource Read(ModelFiles files)
    {
        var config = PhiModelConfig.Read(files);
        var tokenizer = Tokenizer.Parse(files.Read(Tokenizer.FileName, "ONNX Runtime GenAI's form"));
        var graph = OnnxGraph.Parse(config.GraphFile, files.Read(config.GraphFile, $"decoder.filename in {PhiModelConfig.FileName}"));
        new TensorGuard(graph, files).Check();
        new GraphCheck(graph, config, files).Check();
        if (tokenizer.Size > config.VocabularySize)
        {
            throw new ModelRefusedException(RefusalReason.ConfigDisagrees,
                $"{Tokenizer.FileName} has {tokenizer.Size} ids, but {PhiModelConfig.FileName} says vocab_size {config.VocabularySize}; copy both files from the same build of the model.");
        }

        return new ModelSource(files, config, tokenizer, graph);
    }
}
