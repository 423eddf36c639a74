using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Onnx;
using EdgeGateway.Phi.Weights;
using Google.Protobuf;
using static EdgeGateway.Phi.Onnx.AttributeProto.Types;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.Tests.Phi;

/// <summary>Input that someone made to do harm, case by case: a typed error with a reason, before the runtime sees it wherever the runtime would trust it.</summary>
public sealed class BadInputTests
{
    private const string Attention = "/model/layers.1/attn/GroupQueryAttention";

    private static readonly Dictionary<string, Action<GraphProto>> Graphs = new()
    {
        ["nodes in a cycle"] = graph => Node(graph, "/model/layers.0/mlp/Mul").Input[0] = "/model/layers.1/mlp/Mul/output_0",
        ["product without inputs"] = graph => Node(graph, "/lm_head/MatMul_Q4").Input.Clear(),
        ["product without outputs"] = graph => Node(graph, "/model/layers.0/mlp/down_proj/MatMul_Q4").Output.Clear(),
        ["attention with three inputs"] = graph => Keep(Node(graph, Attention).Input, 3),
        ["attention without rotary tables"] = graph => Keep(Node(graph, Attention).Input, 7),
        ["attention with nameless rotary tables"] = graph => Node(graph, Attention).Input[7] = Node(graph, Attention).Input[8] = "",
        ["attention on the cache of another layer"] = graph => Node(graph, Attention).Input[3] = "past_key_values.0.key",
        ["attention that mixes up key and value"] = graph => Swap(Node(graph, Attention).Input, 3, 4),
        ["attention with lengths of its own"] = graph => Node(graph, Attention).Input[5] = Node(graph, Attention).Input[6],
        ["attention with positions"] = graph => Node(graph, Attention).Input.Add("input_ids"),
        ["other number to subtract from the length"] = graph => Weight(graph, "/model/constants/INT64/[1]").RawData = ByteString.CopyFrom(BitConverter.GetBytes(-1_000_000L)),
        ["window of no length"] = graph => Node(graph, Attention).Set("local_window_size", 0),
        ["window of absurd length"] = graph => Node(graph, Attention).Set("local_window_size", long.MaxValue),
        ["window below none"] = graph => Node(graph, Attention).Set("local_window_size", -2),
        ["heads that disagree"] = graph => Node(graph, Attention).Set("num_heads", 4),
        ["key heads that disagree"] = graph => Node(graph, Attention).Set("kv_num_heads", 1),
        ["K that disagrees with the codes"] = graph => Node(graph, "/lm_head/MatMul_Q4").Set("K", 96),
        ["N that disagrees with the codes"] = graph => Node(graph, "/lm_head/MatMul_Q4").Set("N", 81),
        ["K beyond every size"] = graph => Node(graph, "/lm_head/MatMul_Q4").Set("K", long.MaxValue),
        ["attribute of another type"] = graph => Retype(Node(graph, "/lm_head/MatMul_Q4").Attribute("K")!),
        ["codes that are computed"] = graph => Computed(graph, "lm_head.MatMul.weight_Q4"),
        ["block indices out of range"] = graph => BlockIndices(graph, Node(graph, "/lm_head/MatMul_Q4")),
        ["dimensions that overflow"] = graph => Dims(graph, long.MaxValue, 2),
        ["dimensions that overflow to the right size"] = graph => Dims(graph, 1L << 32, 1L << 32, 64),
        ["negative dimensions"] = graph => Dims(graph, -80, -64),
        ["weights that overlap"] = graph => Entry(Weight(graph, "lm_head.MatMul.weight_Q4"), "offset", "64"),
        ["weight outside of the folder"] = graph => Entry(Weight(graph, "lm_head.MatMul.weight_Q4"), "location", "../model.onnx.data"),
        ["weight at an absolute path"] = graph => Entry(Weight(graph, "lm_head.MatMul.weight_Q4"), "location", "/etc/passwd"),
        ["weight behind a link"] = graph => Entry(Weight(graph, "lm_head.MatMul.weight_Q4"), "location", "link"),
        ["index out of range at run time"] = graph => Before(graph, "/lm_head/MatMul_Q4", Protos.Node("", "Gather", "far", ["", "/model/constants/INT64/far"], "far/output_0")),
        ["If without branches"] = graph => Chosen(graph, []),
        ["If with one branch"] = graph => Chosen(graph, [Branch("then_branch", "Constant")]),
        ["If whose branches compute"] = graph => Chosen(graph, [Branch("then_branch", "Loop"), Branch("else_branch", "RandomNormal")]),
        ["loop"] = graph => Before(graph, "/lm_head/MatMul_Q4", Protos.Node("", "Loop", "loop", [""], "loop/output_0")),
        ["tensor of any size"] = graph => Before(graph, "/lm_head/MatMul_Q4", Protos.Node("", "ConstantOfShape", "large", [""], "large/output_0")),
        ["operator of a foreign domain"] = graph => Node(graph, "/lm_head/MatMul_Q4").Domain = "evil.example",
        ["LoRA slot that nobody reads"] = graph => Slot(graph),
        ["LoRA slot read by a product that is no LoRA factor"] = graph => Node(graph, "/model/layers.0/mlp/Mul").Input[1] = Slot(graph),
    };

    public static TheoryData<string> GraphNames => [.. Graphs.Keys];

    [Theory]
    [MemberData(nameof(GraphNames))]
    public void Graph_made_to_do_harm_is_refused(string name)
    {
        foreach (var form in (ComputeForm[])[ComputeForm.Float, ComputeForm.AsBuilt, .. CpuFeatures.HasInt8Products ? [ComputeForm.Int8] : Array.Empty<ComputeForm>()])
        {
            using var folder = Folder();
            var model = ModelProto.Parser.ParseFrom(Read(folder, "model.onnx"));
            Graphs[name](model.Graph);
            File.CreateSymbolicLink(folder.File("link"), "/etc/passwd");
            Write(folder, "model.onnx", model.ToByteArray());
            var refusal = Assert.Throws<ModelRefusedException>(() => PhiModel.Load(folder.Path, new PhiModelOptions { Adapters = true, Compute = form }).Dispose());
            Assert.Equal(name.StartsWith("weight ", StringComparison.Ordinal), refusal.Reason == RefusalReason.PathEscapes);
        }
    }

    [Fact]
    public void Graph_nested_without_end_is_refused()
    {
        using var folder = Folder();
        var model = ModelProto.Parser.ParseFrom(Read(folder, "model.onnx"));
        var inner = new GraphProto();
        for (var depth = 0; depth < 2000; depth++)
        {
            var node = new NodeProto { OpType = "If" };
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = inner });
            inner = new GraphProto { Node = { node } };
        }

        model.Graph.Node.AddRange(inner.Node);
        Write(folder, "model.onnx", model.ToByteArray());
        Assert.Equal(RefusalReason.GraphInvalid, Refusal(folder));
    }

    [Theory]
    [InlineData("context_length", 1L << 40)]
    [InlineData("context_length", 0L)]
    [InlineData("vocab_size", long.MaxValue)]
    [InlineData("vocab_size", 1L << 22)]
    [InlineData("eos_token_id", -1L)]
    [InlineData("decoder.num_hidden_layers", 1L << 31)]
    [InlineData("decoder.num_hidden_layers", 512L)]
    [InlineData("decoder.num_attention_heads", 0L)]
    [InlineData("decoder.num_key_value_heads", long.MinValue)]
    [InlineData("decoder.head_size", 1024L)]
    [InlineData("decoder.hidden_size", 65536L)]
    public void Absurd_size_in_the_configuration_is_refused_before_anything_of_that_size_is_made(string path, long value)
    {
        using var folder = Folder();
        Config(folder, model =>
        {
            var names = path.Split('.');
            (names.Length > 1 ? model[names[0]]! : model)[names[^1]] = value;
        });
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(Refusal(folder) is RefusalReason.ConfigInvalid or RefusalReason.ConfigDisagrees);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData("past_key_names", "past_key_values.0.key")]
    [InlineData("past_key_names", "past_key_values.%d.value")]
    [InlineData("past_key_names", "input_ids")]
    [InlineData("input_ids", "attention_mask")]
    public void Names_that_stand_for_two_things_are_refused(string key, string value)
    {
        using var folder = Folder();
        Config(folder, model => model["decoder"]!["inputs"]![key] = value);
        Assert.NotEqual(RefusalReason.FileMissing, Refusal(folder));
    }

    [Theory]
    [InlineData("genai_config.json", RefusalReason.ConfigInvalid)]
    [InlineData("tokenizer.json", RefusalReason.TokenizerInvalid)]
    public void Json_nested_without_end_or_with_a_text_that_is_no_Unicode_is_refused(string name, RefusalReason reason)
    {
        using var folder = Folder();
        var sound = Encoding.UTF8.GetString(Read(folder, name));
        Write(folder, name, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"model\":", 100_000))));
        Assert.Equal(reason, Refusal(folder));
        Write(folder, name, Encoding.UTF8.GetBytes(sound.Replace("\"phi3\"", "\"\\uD800\"", StringComparison.Ordinal).Replace("\"BPE\"", "\"\\uD800\"", StringComparison.Ordinal)));
        Assert.Equal(reason, Refusal(folder));
        Write(folder, name, Encoding.Latin1.GetBytes(sound.Replace("\"phi3\"", "\"\u00FF\"", StringComparison.Ordinal).Replace("\"BPE\"", "\"\u00FF\"", StringComparison.Ordinal)));
        Assert.Equal(reason, Refusal(folder));
    }

    [Fact]
    public void Files_of_one_sound_folder_in_another_are_refused()
    {
        using var folder = Folder();
        using var other = Folder(RandomModel.Config with { Layers = 3, VocabularySize = 96, MaxPositions = 64 });
        foreach (var name in (string[])["genai_config.json", "model.onnx", "model.onnx.data", "tokenizer.json"])
        {
            var own = Read(folder, name);
            Write(folder, name, Read(other, name));
            Assert.True(Refusal(folder) is RefusalReason.ConfigDisagrees or RefusalReason.DataInvalid, name);
            Write(folder, name, own);
        }

        PhiModel.Load(folder.Path).Dispose();
    }

    [Fact]
    public void Adapter_whose_tensors_are_the_same_bytes_many_times_over_is_refused_before_they_are_read()
    {
        using var folder = Folder();
        var entries = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[250000],\"data_offsets\":[0,1000000]}}"));
        byte[] header = [.. Encoding.UTF8.GetBytes("{" + entries + "}")];
        Write(folder, "adapter_model.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[1_000_000]]);
        var refusal = Assert.Throws<ModelRefusedException>(() => SafeTensors.Read(folder.File("adapter_model.safetensors")));
        Assert.Equal(RefusalReason.WeightsInvalid, refusal.Reason);
    }

    [Theory]
    [InlineData("adapter/adapter_model.safetensors", "adapter", RefusalReason.AdapterInvalid)]
    [InlineData("large.onnx_adapter", "large.onnx_adapter", RefusalReason.AdapterInvalid)]
    public void Adapter_of_absurd_size_is_refused_before_it_is_read(string file, string adapter, RefusalReason reason)
    {
        using var folder = Folder();
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        using (var large = File.Create(folder.File(file)))
        {
            large.SetLength(1L << 36);
        }

        using var model = PhiModel.Load(folder.Path, new PhiModelOptions { Adapters = true });
        Assert.Equal(reason, Assert.Throws<ModelRefusedException>(() => model.LoadAdapter(folder.File(adapter)).Dispose()).Reason);
    }

    private static RefusalReason Refusal(TemporaryFolder folder) => Assert.Throws<ModelRefusedException>(() => PhiModel.Load(folder.Path).Dispose()).Reason;

    private static TemporaryFolder Folder(Phi3Config? config = null)
    {
        var folder = new TemporaryFolder();
        config ??= RandomModel.Config;
        Phi3Writer.Write(folder.Path, config, RandomModel.Weights(config), RandomModel.TokenizerJson(config));
        return folder;
    }

    private static byte[] Read(TemporaryFolder folder, string name) => File.ReadAllBytes(folder.File(name));

    private static void Write(TemporaryFolder folder, string name, byte[] bytes)
    {
        using var file = File.Create(folder.File(name));
        file.Write(bytes);
    }

    private static void Config(TemporaryFolder folder, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(Read(folder, "genai_config.json"))!;
        change(json["model"]!);
        Write(folder, "genai_config.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private static NodeProto Node(GraphProto graph, string name) => graph.Node.Single(node => node.Name == name);

    private static TensorProto Weight(GraphProto graph, string name) => graph.Initializer.Single(weight => weight.Name == name);

    private static void Keep(Google.Protobuf.Collections.RepeatedField<string> list, int count)
    {
        while (list.Count > count)
        {
            list.RemoveAt(count);
        }
    }

    private static void Swap(Google.Protobuf.Collections.RepeatedField<string> list, int left, int right) => (list[left], list[right]) = (list[right], list[left]);

    private static void Retype(AttributeProto attribute)
    {
        attribute.ClearI();
        (attribute.F, attribute.Type) = (64, AttributeType.Float);
    }

    private static void Dims(GraphProto graph, params long[] dims)
    {
        var weight = Weight(graph, "model.embed_tokens.weight");
        weight.Dims.Clear();
        weight.Dims.AddRange(dims);
    }

    private static void Entry(TensorProto weight, string key, string value) => weight.ExternalData.Single(entry => entry.Key == key).Value = value;

    private static void Computed(GraphProto graph, string weight)
    {
        Node(graph, "/lm_head/MatMul_Q4").Input[1] = "computed";
        graph.Node.Insert(0, Protos.Node("", "Identity", "computed", [weight], "computed"));
    }

    private static void BlockIndices(GraphProto graph, NodeProto product)
    {
        var indices = new TensorProto { Name = "g_idx", DataType = DataType.Int32, RawData = ByteString.CopyFrom(Enumerable.Repeat((byte)0x70, 4 * 64).ToArray()) };
        indices.Dims.Add(64);
        graph.Initializer.Add(indices);
        product.Input.Add("");
        product.Input.Add("g_idx");
    }

    /// <summary>Puts a node between a product and what it read.</summary>
    private static void Before(GraphProto graph, string product, NodeProto node)
    {
        (node.Input[0], Node(graph, product).Input[0]) = (Node(graph, product).Input[0], node.Output[0]);
        graph.Node.Insert(graph.Node.IndexOf(Node(graph, product)), node);
        if (node.Input.Count > 1)
        {
            graph.Initializer.Add(Protos.Integers(node.Input[1], [1], 1_000_000));
            node.Set("axis", 1);
        }
    }

    /// <summary>Rotary tables that an If chooses.</summary>
    private static void Chosen(GraphProto graph, AttributeProto[] branches)
    {
        graph.Initializer.Remove(Weight(graph, "cos_cache"));
        graph.Initializer.Remove(Weight(graph, "sin_cache"));
        var choice = Protos.Node("", "If", "choice", ["attention_mask"], "cos_cache", "sin_cache");
        choice.Attribute.AddRange(branches);
        graph.Node.Insert(0, choice);
    }

    private static AttributeProto Branch(string name, string type) => new() { Name = name, Type = AttributeType.Graph, G = new GraphProto { Node = { Protos.Node("", type, "inner", [], "a", "b") } } };

    /// <summary>An overridable input of rank 0, as Olive makes them.</summary>
    private static string Slot(GraphProto graph)
    {
        var empty = new TensorProto { Name = "slot", DataType = DataType.Float, RawData = ByteString.Empty };
        empty.Dims.AddRange([64, 0]);
        graph.Initializer.Add(empty);
        graph.Input.Add(Protos.Value("slot", DataType.Float, 64, "rank"));
        return "slot";
    }
}
