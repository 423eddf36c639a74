using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Phi.Onnx;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.ModelKit;

/// <summary>The graphs of random models beside those of the official builder for the same sizes.</summary>
public sealed class GraphFormTests
{
    private static readonly Phi3Config Tiny = new()
    {
        VocabularySize = 320,
        HiddenSize = 64,
        IntermediateSize = 144,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 4,
        HeadSize = 16,
        MaxPositions = 256,
    };

    public static TheoryData<string> Forms => new("phi3-b32-sym-acc4", "phi3-window", "phi2-b32-sym", "phi4-tied");

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nodes_and_weights_are_those_of_the_official_builder(string name)
    {
        var official = Official(name);
        var own = Own(name);
        Assert.Equal(official.Node.Where(node => node.OpType != "Constant").Select(Line).Order(), own.Node.Select(Line).Select(SlashBeforeNorms).Order());
        Assert.Equal(official.Initializer.Select(Line).Order(), own.Initializer.Where(weight => weight.DataType != TensorProto.Types.DataType.Int64).Select(Line).Order());
        Assert.Equal(official.Input.Select(input => input.Name).Order(), own.Input.Select(input => input.Name).Order());
        Assert.Equal(official.Output.Select(output => output.Name).Order(), own.Output.Select(output => output.Name).Order());
    }

    [Theory]
    [InlineData("phi3-b32-sym-acc4", 16)]
    [InlineData("phi2-b32-sym", 16)]
    public void Rotary_tables_are_those_of_the_official_builder(string name, int rotated)
    {
        var official = Official(name);
        var tables = RotaryTables.Compute(256, rotated, 10000);
        AssertNear(External(name, official.Initializer.Single(weight => weight.Name == "cos_cache")), tables.Cos);
        AssertNear(External(name, official.Initializer.Single(weight => weight.Name == "sin_cache")), tables.Sin);
    }

    [Fact]
    public void Longrope_tables_are_those_of_the_official_builder()
    {
        const int Half = 24;
        var branch = Official("phi4-tied").Node.Single(node => node.OpType == "If").Attribute.Single(attribute => attribute.Name == "then_branch").G;
        var (cos, sin) = (Inside(branch.Node[0]), Inside(branch.Node[1]));

        // row 1 shows what each frequency is divided by
        var factors = Enumerable.Range(0, Half).Select(i => (float)(1 / (Math.Atan2(sin[Half + i], cos[Half + i]) * Math.Pow(10000, 2.0 * i / 48)))).ToArray();
        var tables = RotaryTables.Compute(192, 48, 10000, factors, new LongRope(48, factors).Magnitude(192));
        AssertNear(cos, tables.Cos);
        AssertNear(sin, tables.Sin);
    }

    private static GraphProto Official(string name) =>
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Require($"fixtures/models/{name}/model.onnx"))).Graph;

    private static GraphProto Own(string name)
    {
        var (config, form) = name switch
        {
            "phi3-window" => (Tiny with { KeyValueHeads = 2, IntermediateSize = 128, SlidingWindow = 15, MaxPositions = 128 }, new GraphForm()),
            "phi2-b32-sym" => (Tiny with { VocabularySize = 288, Heads = 2, KeyValueHeads = 2, HeadSize = 32, IntermediateSize = 256, NormEpsilon = 1e-6 }, new GraphForm { Phi2 = true, RotaryShare = .5 }),
            "phi4-tied" => (
                Tiny with { VocabularySize = 512, HiddenSize = 128, Heads = 2, KeyValueHeads = 1, HeadSize = 64, IntermediateSize = 192, MaxPositions = 192 },
                new GraphForm { RotaryShare = .75, SharedEmbedding = true, LongRope = new LongRope(48, new float[24]) }),
            _ => (Tiny, new GraphForm()),
        };
        return DecoderGraph.Build(config, form, new RandomWeights(1, _ => { }), 4, "model.onnx.data", new MemoryStream()).Graph;
    }

    /// <summary>A node in one line; optional inputs at the end and a window of -1 may be left out.</summary>
    private static string Line(NodeProto node)
    {
        var inputs = string.Join(", ", node.Input).TrimEnd(',', ' ');
        var attributes = node.Attribute.Where(a => !(a.Name == "local_window_size" && a.I == -1)).OrderBy(a => a.Name, StringComparer.Ordinal)
            .Select(a => $"{a.Name}={(a.G is null ? $"{a.I} {a.F} {a.S.ToStringUtf8()}" : string.Join("; ", a.G.Node.Select(Line)))} {(a.T is null ? "" : Line(a.T))}");
        return $"{node.Domain} {node.OpType} {node.Name} ({inputs}) -> {string.Join(", ", node.Output)} {string.Join("; ", attributes)}";
    }

    /// <summary>Norms are called /model/layers.0.input_layernorm here, /model/layers.0/input_layernorm there.</summary>
    private static string SlashBeforeNorms(string line) => Regex.Replace(line, @"(/model/layers\.\d+)\.(\w+_layernorm)", "$1/$2");

    private static string Line(TensorProto weight) => $"{weight.Name} {weight.DataType} [{string.Join(", ", weight.Dims)}]";

    private static float[] Inside(NodeProto constant) => MemoryMarshal.Cast<byte, float>(constant.Attribute.Single().T.RawData.Span).ToArray();

    private static float[] External(string name, TensorProto weight)
    {
        var offset = long.Parse(weight.ExternalData.Single(entry => entry.Key == "offset").Value, CultureInfo.InvariantCulture);
        using var file = File.OpenRead(SharedFolder.Require($"fixtures/models/{name}/model.onnx.data"));
        file.Position = offset;
        var values = new float[weight.Elements()];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static void AssertNear(float[] expected, float[] values)
    {
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
    }
}
