using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>A model folder that was read and found sound, before a session is opened on it.</summary>
internal sealed record ModelSource(ModelFolder Folder, PhiModelConfig Config, Tokenizer Tokenizer, OnnxGraph Graph)
{
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static ModelSource Read(ModelFolder folder)
    {
        var config = PhiModelConfig.Read(folder);
        var tokenizer = Tokenizer.Parse(folder.Read(Tokenizer.FileName, "ONNX Runtime GenAI's form"));
        var graph = OnnxGraph.Parse(config.GraphFile, folder.Read(config.GraphFile, $"decoder.filename in {PhiModelConfig.FileName}"));
        new TensorGuard(graph, folder).Check();
        new GraphCheck(graph, config, folder).Check();
        if (tokenizer.Size > config.VocabularySize)
        {
            throw new ModelRefusedException(RefusalReason.ConfigDisagrees,
                $"{Tokenizer.FileName} has {tokenizer.Size} ids, but {PhiModelConfig.FileName} says vocab_size {config.VocabularySize}; copy both files from the same build of the model.");
        }

        return new ModelSource(folder, config, tokenizer, graph);
    }
}
