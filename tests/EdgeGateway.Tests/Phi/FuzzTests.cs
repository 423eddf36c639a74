using EdgeGateway.Phi;
using EdgeGateway.Phi.Onnx;
using EdgeGateway.Phi.Weights;
using Google.Protobuf;

namespace EdgeGateway.Tests.Phi;

/// <summary>
/// Damaged folders, 10,000 in all, the same in every run: each is refused with a reason or computes the same answer. Numbers that a file may hold just as well (weights, an epsilon, where a
/// weight lies) give another answer: that only a digest can tell, so there nothing may happen but an answer.
/// </summary>
public sealed class FuzzTests
{
    private const string ExportedAdapter = "adapter.onnx_adapter";
    private static readonly PhiModelOptions WithAdapters = new() { Adapters = true };
    private static readonly int[] Prompt = [1, 7, 2, 40, 79, 3, 3, 11];

    /// <summary>What is damaged, and how often.</summary>
    public static TheoryData<string, int> Parts => new()
    {
        { "graph fields", 2500 }, { "graph bytes", 2000 }, { "config values", 1000 }, { "config bytes", 800 }, { "tokenizer values", 1000 }, { "tokenizer bytes", 800 },
        { "adapter", 900 }, { "weights", 500 }, { "swapped", 500 },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Damaged_folder_is_refused_with_a_reason_or_answers_as_before(string part, int cases)
    {
        using var folder = new TemporaryFolder();
        var sources = Sources(folder).Where(files => part != "adapter" || AdapterOf(files) is not null).ToArray();
        var answers = new float[sources.Length][];
        var random = new Random(part.Length);
        var refused = 0;
        for (var i = 0; i < cases; i++)
        {
            var at = random.Next(sources.Length);
            answers[at] ??= Answer(Write(folder, sources[at]), null);
            var damaged = Damaged(sources[at], sources[random.Next(sources.Length)], part, random);
            try
            {
                var answer = Answer(Write(folder, damaged), part == "adapter" ? folder.File($"model/{AdapterOf(damaged)}") : null);
                Assert.True(answer.AsSpan().SequenceEqual(answers[at]) || IsOtherNumbers(sources[at], damaged), $"case {i} of {part} answers something else");
            }
            catch (Exception e) when (e is ModelRefusedException or PromptException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, cases / 10, cases);
    }

    private static Dictionary<string, byte[]> Damaged(Dictionary<string, byte[]> source, Dictionary<string, byte[]> other, string part, Random random)
    {
        var files = new Dictionary<string, byte[]>(source);
        var graph = GraphOf(files);
        switch (part)
        {
            case "graph fields":
                files[graph] = Damage.Message(ModelProto.Parser, files[graph], random);
                break;
            case "graph bytes":
                files[graph] = Damage.Bytes(files[graph], random);
                break;
            case "config values" or "tokenizer values":
                var name = part.StartsWith('c') ? PhiModelConfig.FileName : Tokenizer.FileName;
                files[name] = Damage.Json(files[name], random);
                break;
            case "config bytes" or "tokenizer bytes":
                name = part.StartsWith('c') ? PhiModelConfig.FileName : Tokenizer.FileName;
                files[name] = Damage.Bytes(files[name], random);
                break;
            case "weights":
                files[graph + ".data"] = Damage.Bytes(files[graph + ".data"], random);
                break;
            case "swapped":
                name = ((string[])[graph, graph + ".data", PhiModelConfig.FileName, Tokenizer.FileName])[random.Next(4)];
                files[name] = other[name == graph ? GraphOf(other) : name == graph + ".data" ? GraphOf(other) + ".data" : name];
                break;
            case "adapter" when AdapterOf(files) is ExportedAdapter:
                files[ExportedAdapter] = Damage.Bytes(files[ExportedAdapter], random);
                break;
            case "adapter" when random.Next(2) == 0:
                var config = files["adapter/adapter_config.json"];
                files["adapter/adapter_config.json"] = random.Next(2) == 0 ? Damage.Json(config, random) : Damage.Bytes(config, random);
                break;
            case "adapter":
                files["adapter/adapter_model.safetensors"] = Damage.SafeTensors(files["adapter/adapter_model.safetensors"], random);
                break;
        }

        return files;
    }

    /// <summary>Whether weights are other ones, or the graphs differ in numbers alone: operators, names and wiring are the same.</summary>
    private static bool IsOtherNumbers(Dictionary<string, byte[]> source, Dictionary<string, byte[]> damaged) =>
        !damaged[GraphOf(damaged) + ".data"].AsSpan().SequenceEqual(source[GraphOf(source) + ".data"]) || Wiring(source).SequenceEqual(Wiring(damaged));

    private static IEnumerable<string> Wiring(Dictionary<string, byte[]> files)
    {
        var graph = ModelProto.Parser.ParseFrom(files[GraphOf(files)]).Graph;
        return graph.Node.Select(node => $"{node.OpType}({string.Join(", ", node.Input)}) -> {string.Join(", ", node.Output)}").Concat(graph.Initializer.Select(weight => weight.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>One short prompt with a kept prefix; where an adapter is given, that is loaded and used as well.</summary>
    private static float[] Answer(string folder, string? adapterPath)
    {
        using var model = PhiModel.Load(folder, adapterPath is null ? null : WithAdapters);
        model.Tokenizer.Decode(model.Tokenizer.Encode("<|user|>\n一二 ab\uD83D\uDE00<|end|>", addSpecialTokens: true));
        using var scorer = new LabelScorer(model, Prompt.AsSpan(0, 3), RandomModel.Labels(Math.Min(80, model.Config.VocabularySize)));
        var logits = new float[Math.Min(80, model.Config.VocabularySize)];
        scorer.Score(Prompt.AsSpan(3), logits);
        if (adapterPath is not null)
        {
            using var adapter = model.LoadAdapter(adapterPath);
            scorer.Score(Prompt.AsSpan(3), new float[logits.Length], adapter);
        }

        return logits;
    }

    private static string Write(TemporaryFolder folder, Dictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(folder.File("model/adapter"));
        foreach (var stale in Directory.GetFiles(folder.File("model")).Where(file => !files.ContainsKey(Path.GetFileName(file))))
        {
            File.Delete(stale);
        }

        foreach (var (name, bytes) in files)
        {
            using var file = File.Create(folder.File($"model/{name}"));
            file.Write(bytes);
        }

        return folder.File("model");
    }

    private static string? AdapterOf(Dictionary<string, byte[]> files) => files.ContainsKey(ExportedAdapter) ? ExportedAdapter : files.ContainsKey("adapter/adapter_config.json") ? "adapter" : null;

    private static string GraphOf(Dictionary<string, byte[]> files) => files.Keys.First(name => name.EndsWith(".onnx", StringComparison.Ordinal));

    /// <summary>Random models of our own writer with adapters, and small folders of the official builder where they are at hand.</summary>
    private static IEnumerable<Dictionary<string, byte[]>> Sources(TemporaryFolder folder)
    {
        var plain = RandomModel.Config;
        (string, Phi3Config)[] own =
        [
            ("plain", plain),
            ("grouped", plain with { Heads = 4, KeyValueHeads = 2, HeadSize = 16, Layers = 1 }),
            ("tied", plain with { TiedHead = true, SlidingWindow = 9, Layers = 1 }),
        ];
        foreach (var (name, config) in own)
        {
            Phi3Writer.Write(folder.File(name), config, RandomModel.Weights(config), RandomModel.TokenizerJson(config));
            TestAdapter.Write(folder.File($"{name}/adapter"), config);
            yield return Read(folder.File(name));
        }

        var models = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "fixtures", "models");
        foreach (var name in Directory.Exists(models) ? (string[])["phi3-micro", "phi3-hidden", "phi2-b32-sym", "phi3-qdq-asym", "phi3-long", "phi3-lora-inputs", "phi4-tied"] : [])
        {
            var files = Read(Path.Combine(models, name));
            if (name == "phi3-lora-inputs")
            {
                files[ExportedAdapter] = File.ReadAllBytes(Path.Combine(models, "..", "adapters", "phi3mha-one-layer-r4.onnx_adapter"));
            }

            yield return files;
        }
    }

    private static Dictionary<string, byte[]> Read(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
        .Where(name => !name.StartsWith("reference", StringComparison.Ordinal)).ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, name)));
}
