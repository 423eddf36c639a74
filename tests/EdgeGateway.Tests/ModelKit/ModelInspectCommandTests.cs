using System.Text.Json;
using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Phi;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit;

public sealed class ModelInspectCommandTests
{
    public static TheoryData<string> Folders => FixtureModelTests.Folders;

    [Fact]
    public async Task A_random_model_is_described_as_it_was_asked_for()
    {
        using var folder = new TemporaryFolder();
        RandomShape.All.Single(shape => shape.Name == "small").Write(folder.Path, 1, _ => { });
        var (code, output, error) = await Tool.RunAsync("model", "inspect", folder.Path, "--tokens", "100");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            """
            family      Phi-3 (type phi3), 7,868,672 parameters
            layers      8 of hidden size 256
            attention   8 heads and 8 key/value heads of 32
            rotary      1 of a head
            vocabulary  2048
            context     2048 tokens
            embedding   Gather, float
            products
                8 x attn/qkv_proj     256 -> 768     MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
                8 x attn/o_proj       256 -> 256     MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
                8 x mlp/gate_proj     256 -> 768     MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
                8 x mlp/up_proj       256 -> 768     MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
                8 x mlp/down_proj     768 -> 256     MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
                1 x lm_head           256 -> 2048    MatMulNBits, 4 bits in blocks of 32, symmetric, accuracy level 4
            LoRA slots  none
            memory      about 56.6 MB for sequences of 100 tokens:
                    3.3 MB weights mapped from their files
                    3.7 MB copies of weights, packed for the kernels
                   45.3 MB runtime and graph
                    1.6 MB keys and values, 16,384 bytes a token
                    2.7 MB vectors of one pass, 26,624 bytes a token

            """,
            output);
    }

    [Fact]
    public void Rounded_activations_take_two_more_copies_of_each_scale()
    {
        using var folder = new TemporaryFolder();
        RandomShape.All.Single(shape => shape.Name == "small").Write(folder.Path, 1, _ => { });
        var exact = PhiModelDescription.Read(folder.Path).Memory;
        var asBuilt = PhiModelDescription.Read(folder.Path, new PhiModelOptions { Compute = ComputeForm.AsBuilt }).Memory;
        Assert.Equal(7_340_032 / 2, exact.CopiedBytes);
        Assert.Equal(exact with { CopiedBytes = exact.CopiedBytes + (2 * 4 * 7_340_032 / 32) }, asBuilt);
    }

    [Fact]
    public void A_shared_embedding_is_copied_once_more()
    {
        var memory = PhiModelDescription.Read(SharedFolder.Require("fixtures/models/phi4-tied")).Memory;
        Assert.Equal((311_936 - 640 + (512 * 128)) / 2, memory.CopiedBytes);
    }

    [Fact]
    public void Eight_bits_computed_exactly_stay_mapped_and_the_largest_product_is_expanded()
    {
        var memory = PhiModelDescription.Read(SharedFolder.Require("fixtures/models/phi3-int8")).Memory;
        Assert.Equal(4 * 320 * 64, memory.CopiedBytes);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Every_published_form_is_described(string name)
    {
        var (code, output, error) = await Tool.RunAsync("model", "inspect", SharedFolder.Require($"fixtures/models/{name}"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("1 x lm_head", output, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lora_slots_are_counted_and_named_without_their_layers()
    {
        var (_, output, _) = await Tool.RunAsync("model", "inspect", SharedFolder.Require("fixtures/models/phi4-lora-inputs"));
        Assert.Contains("\nLoRA slots  8, for attn.q_proj, attn.k_proj, attn.v_proj, attn.o_proj\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("phi2-b16-asym-acc1", "family=Phi-2|config.type=phi|rotaryShare=0.5|products.0.quantization.blockSize=16|products.0.quantization.symmetric=False|products.0.quantization.accuracyLevel=1|products.4.kind=lm_head")]
    [InlineData("phi3-4k-window", "family=Phi-3|window=2047|rotarySwitch=|rotaryShare=1")]
    [InlineData("phi3-4k-builder-0.5.2", "family=Phi-3|window=")]
    [InlineData("phi3-embed4-sym", "embedding.operator=GatherBlockQuantized|embedding.quantization.bits=4|embedding.quantization.symmetric=True|embedding.sharedWithHead=False")]
    [InlineData("phi3-embed4-asym", "embedding.quantization.symmetric=False")]
    [InlineData("phi3-fp32", "products.0.operator=MatMul|products.0.quantization=|embedding.operator=Gather|embedding.quantization=")]
    [InlineData("phi3-gqa-kquant-mixed", "products.0.quantization.bits=8|products.1.quantization.bits=4|products.1.quantization.blockSize=16")]
    [InlineData("phi3-head-float", "products.5.kind=lm_head|products.5.quantization=")]
    [InlineData("phi3-long", "rotarySwitch=32")]
    [InlineData("phi3-lora-baked", "loraSlots.0=|products.0.kind=attn/q_proj/lora_A")]
    [InlineData("phi3-lora-inputs", "loraSlots.0=model.layers.0.attn.q_proj|loraSlots.13=model.layers.1.mlp.down_proj|loraSlots.14=|products.0.kind=attn/q_proj")]
    [InlineData("phi3-qdq-asym", "products.0.operator=DequantizeLinear|products.0.inputs=64|products.0.outputs=192|products.0.quantization.bits=4|products.0.quantization.blockSize=16|products.0.quantization.symmetric=False|products.0.quantization.accuracyLevel=")]
    [InlineData("phi4-tied", "family=Phi-4-mini|rotaryShare=0.75|rotarySwitch=48|embedding.sharedWithHead=True|embedding.quantization.bits=4|config.headSize=64")]
    [InlineData("phi4-tied-head8", "embedding.sharedWithHead=True|embedding.quantization.bits=8")]
    public async Task Json_says_what_the_builder_was_asked_for(string name, string expected)
    {
        var (code, output, _) = await Tool.RunAsync("model", "inspect", SharedFolder.Require($"fixtures/models/{name}"), "--json");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(expected.Split('|'), expected.Split('|').Select(item => item.Split('=')[0]).Select(path => $"{path}={Find(json.RootElement.GetProperty("model"), path)}"));
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_refused_with_4()
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = await Tool.RunAsync("model", "inspect", folder.Path);
        Assert.Equal((4, "", "genai_config.json, named by ONNX Runtime GenAI's form, is missing in the folder; copy it there.\n"), (code, output, error));
    }

    [Fact]
    public async Task More_tokens_than_the_context_end_with_2()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config)).Dispose();
        var (code, _, error) = await Tool.RunAsync("model", "inspect", folder.Path, "--tokens", "97");
        Assert.Equal((2, "--tokens is 97, but the model's context is 96 tokens; give at most that.\n"), (code, error));
    }

    private static string Find(JsonElement element, string path)
    {
        foreach (var step in path.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Array && int.TryParse(step, out var index))
            {
                if (index >= element.GetArrayLength())
                {
                    return "";
                }

                element = element[index];
            }
            else
            {
                element = element.GetProperty(step);
            }
        }

        return element.ToString();
    }
}
