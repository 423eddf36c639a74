using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using SensorSimulator.Synthesis;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>
/// A frozen model of the Phi-3 form with LoRA factors on its four linear layers (arXiv:2106.09685), of which only the factors are trained. Gives the logits of the answers at the
/// last position.
/// </summary>
internal sealed class AdaptedModel : Module<Tensor, Tensor>
{
    private static readonly string[] Modules = ["self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"];

    private readonly DecoderWeights weights;
    private readonly double scale;
    private readonly Dictionary<string, Tensor> frozen;
    private readonly SortedDictionary<string, (Parameter A, Parameter B)> factors = new(StringComparer.Ordinal);
    private readonly Tensor answers;
    private readonly Tensor cos;
    private readonly Tensor sin;

    /// <param name="plan">Gives rank and scale of the factors.</param>
    /// <param name="labels">Tokens of the answers.</param>
    /// <param name="tokens">Length of every prompt.</param>
    /// <param name="random">The factors start from it: A normal 1/sqrt(inputs), B zero.</param>
    public AdaptedModel(DecoderWeights weights, AdapterPlan plan, IReadOnlyList<int> labels, int tokens, RandomStream random)
        : base(nameof(AdaptedModel))
    {
        (this.weights, scale) = (weights, plan.Alpha / plan.Rank);
        frozen = weights.Tensors.ToDictionary(t => t.Key, t => Frozen(t.Value));
        answers = frozen["lm_head.weight"].index_select(0, tensor(labels.Select(l => (long)l).ToArray()));
        (cos, sin) = (Rotary(weights.Cos, tokens), Rotary(weights.Sin, tokens));
        foreach (var name in Enumerable.Range(0, weights.Config.Layers).SelectMany(layer => Modules.Select(module => $"model.layers.{layer}.{module}")))
        {
            var (outputs, inputs) = (weights.Tensors[name + ".weight"].Shape[0], weights.Tensors[name + ".weight"].Shape[1]);
            var start = Enumerable.Range(0, plan.Rank * inputs).Select(_ => (float)(random.Normal() / Math.Sqrt(inputs))).ToArray();
            var (a, b) = (new Parameter(tensor(start, [plan.Rank, inputs])), new Parameter(zeros(outputs, plan.Rank)));
            factors.Add(name, (a, b));
            register_parameter(name.Replace('.', '_') + "_A", a);
            register_parameter(name.Replace('.', '_') + "_B", b);
        }
    }

    /// <summary>The trained factors.</summary>
    public IReadOnlyList<LoraFactors> Factors => [.. factors.Select(f => new LoraFactors(f.Key, Values(f.Value.A), Values(f.Value.B)))];

    /// <summary>Moves the factors towards those of another model by this share of the way.</summary>
    public void Approach(AdaptedModel other, double share)
    {
        using var off = no_grad();
        foreach (var (own, target) in parameters().Zip(other.parameters()))
        {
            own.mul_(1 - share).add_(target, share);
        }
    }

    /// <summary>Tokens [batch, tokens] (int64) -> logits of the answers [batch, labels].</summary>
    public override Tensor forward(Tensor tokens)
    {
        var x = frozen["model.embed_tokens.weight"].index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], -1);
        for (var layer = 0; layer < weights.Config.Layers; layer++)
        {
            x = Layer(x, $"model.layers.{layer}.", last: layer == weights.Config.Layers - 1);
        }

        return functional.linear(Norm(x, "model.norm.weight").select(1, -1), answers);
    }

    private Tensor Layer(Tensor x, string name, bool last)
    {
        var (batch, length, config) = (x.shape[0], x.shape[1], weights.Config);
        var heads = Linear(Norm(x, name + "input_layernorm.weight"), name + "self_attn.qkv_proj").view(batch, length, -1, config.HeadSize).transpose(1, 2);
        var q = Rotate(heads.narrow(1, 0, config.Heads));
        var k = Grouped(Rotate(heads.narrow(1, config.Heads, config.KeyValueHeads)));
        var v = Grouped(heads.narrow(1, config.Heads + config.KeyValueHeads, config.KeyValueHeads));
        if (last)
        {
            // only the answer at the last position is read
            q = q.narrow(2, length - 1, 1);
            x = x.narrow(1, length - 1, 1);
        }

        var attended = functional.scaled_dot_product_attention(q, k, v, is_casual: !last);
        x = x + Linear(attended.transpose(1, 2).reshape(batch, -1, config.Heads * config.HeadSize), name + "self_attn.o_proj");
        var both = Linear(Norm(x, name + "post_attention_layernorm.weight"), name + "mlp.gate_up_proj").chunk(2, -1);
        return x + Linear(functional.silu(both[0]) * both[1], name + "mlp.down_proj");
    }

    private Tensor Linear(Tensor x, string name)
    {
        var (a, b) = factors[name];
        return functional.linear(x, frozen[name + ".weight"]) + (functional.linear(functional.linear(x, a), b) * scale);
    }

    private Tensor Norm(Tensor x, string name) => x * (x.square().mean([-1], keepdim: true) + weights.NormEpsilon).rsqrt() * frozen[name];

    private Tensor Rotate(Tensor x)
    {
        var halves = x.chunk(2, -1);
        return (x * cos) + (cat([-halves[1], halves[0]], -1) * sin);
    }

    private Tensor Grouped(Tensor x) => weights.Config.Heads == weights.Config.KeyValueHeads ? x : x.repeat_interleave(weights.Config.Heads / weights.Config.KeyValueHeads, 1);

    private static Tensor Rotary(FloatTensor table, int tokens)
    {
        var half = Frozen(table).narrow(0, 0, tokens);
        return cat([half, half], -1);
    }

    private static Tensor Frozen(FloatTensor values) => tensor(values.Data, [.. values.Shape.Select(size => (long)size)]);

    private static FloatTensor Values(Tensor values) => new([.. values.shape.Select(size => (int)size)], values.detach().data<float>().ToArray());
}
