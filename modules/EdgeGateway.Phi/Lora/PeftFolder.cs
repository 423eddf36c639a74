using System.Text.RegularExpressions;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Phi.Lora;

/// <summary>An adapter as Hugging Face's PEFT library saves it: adapter_config.json and adapter_model.safetensors, in a folder or in memory.</summary>
internal static partial class PeftFolder
{
    public const string WeightsName = "adapter_model.safetensors";

    public static IReadOnlyList<LoraDelta> Read(ModelFiles files)
    {
        var config = PeftConfig.Parse(files.Read(PeftConfig.FileName, "PEFT's form"));
        OnnxAdapterFile.CheckLength(WeightsName, files.Length(WeightsName, "PEFT's form"));
        var tensors = SafeTensors.Read(files, WeightsName);
        try
        {
            return tensors.Keys.Select(Module).Distinct().Order(StringComparer.Ordinal).Select(module => Delta(module, tensors, config)).ToArray();
        }
        finally
        {
            foreach (var tensor in tensors.Values)
            {
                tensor.Clear();
            }
        }
    }

    /// <summary>PEFT writes A as [rank, inputs] and B as [outputs, rank]; the graph multiplies from the left.</summary>
    private static LoraDelta Delta(string module, IReadOnlyDictionary<string, FloatTensor> tensors, PeftConfig config)
    {
        var (a, b) = (Factor(module, "A", tensors), Factor(module, "B", tensors));
        var rank = config.Rank(module);
        if (a.Shape[0] != rank || b.Shape[1] != rank)
        {
            throw new ModelRefusedException(RefusalReason.AdapterInvalid,
                $"{WeightsName}: {module} has the shapes [{string.Join(", ", a.Shape)}] and [{string.Join(", ", b.Shape)}], but {PeftConfig.FileName} gives it rank {rank}; copy both files from the same training.");
        }

        return new LoraDelta(module, Transposed(a, 1), Transposed(b, config.Scale(module)));
    }

    private static FloatTensor Factor(string module, string factor, IReadOnlyDictionary<string, FloatTensor> tensors) =>
        tensors.TryGetValue($"base_model.model.{module}.lora_{factor}.weight", out var tensor)
            ? tensor.Shape.Length == 2 ? tensor : throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{WeightsName}: {module}.lora_{factor} has {tensor.Shape.Length} dimensions, not 2; export the adapter again.")
            : throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{WeightsName}: {module} lacks its lora_{factor}; export the adapter again.");

    /// <summary>The module's whole name in the base model, from a tensor's name.</summary>
    private static string Module(string tensor) => TensorName().Match(tensor) is { Success: true } name ? name.Groups["module"].Value : throw Foreign(tensor);

    private static FloatTensor Transposed(FloatTensor matrix, float scale)
    {
        var (rows, columns) = (matrix.Shape[0], matrix.Shape[1]);
        var data = FloatTensor.NewData(matrix.Data.Length);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                data[(column * rows) + row] = matrix.Data[(row * columns) + column] * scale;
            }
        }

        return new FloatTensor([columns, rows], data);
    }

    private static ModelRefusedException Foreign(string name) => new(RefusalReason.AdapterUnsupported,
        $"{WeightsName} holds \"{name}\", which is no LoRA factor of a linear layer inside a decoder layer; train the adapter on attention and MLP layers only.");

    [GeneratedRegex($@"^base_model\.model\.(?<module>{LoraDelta.NamePattern})\.lora_[AB]\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex TensorName();
}
