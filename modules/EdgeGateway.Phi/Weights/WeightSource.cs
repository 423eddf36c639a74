namespace EdgeGateway.Phi.Weights;

/// <summary>
/// Where the weights of a graph come from, asked for one after the other in the order in which they are written. Names are the graph's.
/// </summary>
internal abstract class WeightSource
{
    /// <summary>Writes a float tensor, for example "model.layers.0.input_layernorm.weight".</summary>
    public abstract void AddFloat(WeightFile file, string name, params ReadOnlySpan<int> shape);

    /// <summary>Writes codes and scales of a matrix [rows, columns], for example "model.layers.0.attn.qkv_proj", under the names that <see cref="WeightFile"/> gives them.</summary>
    public abstract void AddInt4(WeightFile file, string name, int rows, int columns);
}
