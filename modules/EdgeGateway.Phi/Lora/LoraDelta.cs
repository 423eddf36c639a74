using System.Globalization;
using System.Numerics.Tensors;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Phi.Lora;

/// <summary>What an adapter adds to one linear layer: x -> (x A) B (LoRA, arXiv:2106.09685, with the scale folded into B).</summary>
/// <param name="Name">The layer's whole name, for example model.layers.0.self_attn.qkv_proj.</param>
/// <param name="A">[inputs, rank].</param>
/// <param name="B">[rank, outputs].</param>
internal sealed record LoraDelta(string Name, FloatTensor A, FloatTensor B)
{
    /// <summary>What every name looks like.</summary>
    public const string NamePattern = @"model\.layers\.[0-9]{1,4}\.(self_attn|attn|mlp)\.\w+";

    /// <summary>Decoder layer, from 0.</summary>
    public int Layer => int.Parse(Name.Split('.')[2], CultureInfo.InvariantCulture);

    /// <summary>The layer's own name, for example qkv_proj.</summary>
    public string Module => Name.Split('.')[^1];

    public int Rank => A.Shape[1];

    /// <summary>One value that is not finite would turn every later verdict into no number.</summary>
    public bool IsFinite => TensorPrimitives.IsFiniteAll<float>(A.Data) && TensorPrimitives.IsFiniteAll<float>(B.Data);

    /// <summary>Forgets the factors.</summary>
    public void Clear()
    {
        A.Clear();
        B.Clear();
    }

    public string Shapes => $"A [{string.Join(", ", A.Shape)}] and B [{string.Join(", ", B.Shape)}]";
}
