using SensorSimulator.Synthesis;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>
/// The sensor model in TorchSharp: Phi-3 decoder (RMSNorm, packed qkv, rotary halves, gated SiLU, untied head), which gives the logits of the ten answers at the last
/// position. Parameters carry the names of Hugging Face's Phi3ForCausalLM.
/// </summary>
internal sealed class Student : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, Parameter> weights = [];
    private readonly StudentSize size;
    private readonly Tensor cos;
    private readonly Tensor sin;

    /// <summary>Starts from random weights of this stream: embeddings and head normal .02, linear weights normal 1/sqrt(inputs), half of that for o_proj and down_proj.</summary>
    public Student(StudentSize size, RandomStream random)
        : base(nameof(Student))
    {
        this.size = size;
        var attention = size.Heads * StudentShape.HeadSize;
        Add("model.embed_tokens.weight", random, .02, StudentShape.Vocabulary, size.Hidden);
        for (var layer = 0; layer < size.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            var root = 1 / Math.Sqrt(size.Hidden);
            Add(name + "input_layernorm.weight", random, 0, size.Hidden);
            Add(name + "self_attn.qkv_proj.weight", random, root, 3 * attention, size.Hidden);
            Add(name + "self_attn.o_proj.weight", random, .5 / Math.Sqrt(attention), size.Hidden, attention);
            Add(name + "post_attention_layernorm.weight", random, 0, size.Hidden);
            Add(name + "mlp.gate_up_proj.weight", random, root, 2 * size.Intermediate, size.Hidden);
            Add(name + "mlp.down_proj.weight", random, .5 / Math.Sqrt(size.Intermediate), size.Hidden, size.Intermediate);
        }

        Add("model.norm.weight", random, 0, size.Hidden);
        Add("lm_head.weight", random, .02, StudentShape.Vocabulary, size.Hidden);
        (cos, sin) = Rotary();
    }

    public StudentSize Size => size;

    /// <summary>The weights by their Hugging Face names.</summary>
    public IReadOnlyDictionary<string, Parameter> Weights => weights;

    /// <summary>Tokens [batch, 34] (int64) -> logits of the answers [batch, 10].</summary>
    public override Tensor forward(Tensor tokens)
    {
        var x = weights["model.embed_tokens.weight"].index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], size.Hidden);
        for (var layer = 0; layer < size.Layers; layer++)
        {
            x = Layer(x, $"model.layers.{layer}.", last: layer == size.Layers - 1);
        }

        x = Norm(x, "model.norm.weight").select(1, -1);
        return functional.linear(x, weights["lm_head.weight"].narrow(0, StudentShape.FirstAnswer, StudentShape.Answers.Length));
    }

    private Tensor Layer(Tensor x, string name, bool last)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var qkv = functional.linear(Norm(x, name + "input_layernorm.weight"), weights[name + "self_attn.qkv_proj.weight"]);
        var heads = qkv.view(batch, length, 3, size.Heads, StudentShape.HeadSize).permute(2, 0, 3, 1, 4);
        var (q, k, v) = (Rotate(heads[0]), Rotate(heads[1]), heads[2]);
        if (last)
        {
            // only the answer at the last position is read
            q = q.narrow(2, length - 1, 1);
            x = x.narrow(1, length - 1, 1);
        }

        var attended = functional.scaled_dot_product_attention(q, k, v, is_casual: !last);
        var flat = attended.permute(0, 2, 1, 3).reshape(batch, -1, size.Heads * StudentShape.HeadSize);
        x = x + functional.linear(flat, weights[name + "self_attn.o_proj.weight"]);
        var both = functional.linear(Norm(x, name + "post_attention_layernorm.weight"), weights[name + "mlp.gate_up_proj.weight"]).chunk(2, -1);
        return x + functional.linear(functional.silu(both[0]) * both[1], weights[name + "mlp.down_proj.weight"]);
    }

    private Tensor Norm(Tensor x, string weight) =>
        x * rsqrt(x.pow(2).mean([-1L], keepdim: true) + StudentShape.Epsilon) * weights[weight];

    private Tensor Rotate(Tensor x)
    {
        var halves = x.chunk(2, -1);
        return (x * cos) + (cat([-halves[1], halves[0]], -1) * sin);
    }

    private static (Tensor Cos, Tensor Sin) Rotary()
    {
        var (cosines, sines) = (new float[StudentShape.Tokens, StudentShape.HeadSize], new float[StudentShape.Tokens, StudentShape.HeadSize]);
        for (var position = 0; position < StudentShape.Tokens; position++)
        {
            for (var i = 0; i < StudentShape.HeadSize; i++)
            {
                var angle = position / Math.Pow(StudentShape.RopeBase, 2.0 * (i % (StudentShape.HeadSize / 2)) / StudentShape.HeadSize);
                (cosines[position, i], sines[position, i]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
            }
        }

        return (TorchLibrary.Own(tensor(cosines)), TorchLibrary.Own(tensor(sines)));
    }

    /// <summary>A deviation of 0 is a norm's weight, which starts at one.</summary>
    private void Add(string name, RandomStream random, double deviation, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = deviation == 0 ? 1 : (float)(deviation * random.Normal());
        }

        var parameter = new Parameter(TorchLibrary.Own(tensor(values, shape)));
        weights.Add(name, parameter);
        register_parameter(name.Replace('.', '_'), parameter);
    }
}
