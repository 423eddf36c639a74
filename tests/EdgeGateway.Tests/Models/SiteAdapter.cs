using System.Globalization;
using EdgeGateway.Models;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;

namespace EdgeGateway.Tests.Models;

/// <summary>Adapters of the built-in model with random factors: each seed judges otherwise.</summary>
internal static class SiteAdapter
{
    private static readonly Lazy<(string Module, int[] Shape)[]> Layers = new(() => [.. DecoderWeights.Read(LoadedModel.BuiltIn).Tensors
        .Where(w => w.Key.EndsWith("_proj.weight", StringComparison.Ordinal)).Select(w => (w.Key[..^".weight".Length], w.Value.Shape))]);

    private static readonly Lazy<string> Base = new(() => DecoderWeights.Digest(LoadedModel.BuiltIn));

    /// <summary>Writes both forms, and the description.</summary>
    public static string Write(string folder, string name = "pumps", int seed = 1, double threshold = 1.5, string? digest = null)
    {
        var random = new Random(seed);
        LoraWriter.Write(folder, name, [.. Layers.Value.Select(layer => new LoraFactors(layer.Module, Random(2, layer.Shape[1]), Random(layer.Shape[0], 2)))], 2);
        File.WriteAllText(Path.Combine(folder, SensorModel.FileName), string.Create(CultureInfo.InvariantCulture,
            $$"""{"schema":1,"name":"{{name}}","promptVersion":1,"base":{"name":"phi-sensor","sha256":"{{digest ?? Base.Value}}"},"threshold":{{threshold}},"calibration":{"slope":2,"offset":-1} }"""));
        return folder;

        FloatTensor Random(int rows, int columns) => new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - .5f) * .4f)]);
    }
}
