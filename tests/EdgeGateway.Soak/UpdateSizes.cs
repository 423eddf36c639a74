using System.Globalization;
using System.Text.Json;
using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Soak.Updating;

namespace EdgeGateway.Soak;

/// <summary>How many bytes an adapter is on its way, and what it takes to load a model from a sealed package beside the same model from a plain folder.</summary>
internal sealed class UpdateSizes(TextWriter output)
{
    /// <summary>200 KiB.</summary>
    private const int MostForBuiltIn = 200 << 10;
    private const double MostOfBase = 0.01;
    private const int Rounds = 5;
    private static readonly string[] Attention = ["qkv_proj", "o_proj"];

    /// <summary>Phi-3-mini-4k as the official builder makes it for processors: 4 bits and a scale of 32 for each 32 weights, the embedding in float.</summary>
    private static readonly RandomShape Phi3Mini = RandomShape.All.Single(shape => shape.Name == "phi3-mini");

    /// <summary>About 200 MB, too large for the engine to try several forms of it.</summary>
    private static readonly RandomShape Large = Larger(RandomShape.All.Single(shape => shape.Name == "medium"));

    private readonly Random random = new(18);

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        using var maker = new PackageMaker();
        await output.WriteLineAsync("adapter, sealed for one group: manifest and blobs                        bytes     of its base");
        _ = await RowAsync("built-in model, rank 4 on all linear layers", BuiltIn(maker, 4), null);
        var builtIn = await RowAsync("built-in model, rank 8 on all linear layers", BuiltIn(maker, 8), null);
        var mini = await RowAsync("Phi-3-mini shape, rank 8 on all linear layers, 16 bits", ForMini(maker, 8, _ => true), Phi3Mini.Bytes);
        _ = await RowAsync("Phi-3-mini shape, rank 16 on attention alone, 16 bits", ForMini(maker, 16, module => Attention.Contains(module)), Phi3Mini.Bytes);
        _ = await RowAsync("Phi-3-mini shape, rank 16 on all linear layers, 16 bits", ForMini(maker, 16, _ => true), Phi3Mini.Bytes);
        await LoadAsync(maker, token);
        var holds = builtIn <= MostForBuiltIn && mini <= MostOfBase * Phi3Mini.Bytes;
        await output.WriteLineAsync(holds ? "updates sizes: all targets met" : "updates sizes: NOT all targets met");
        return holds;
    }

    private static RandomShape Larger(RandomShape medium) => medium with { Config = medium.Config with { HiddenSize = 1024, IntermediateSize = 3072, Layers = 20, Heads = 16, KeyValueHeads = 16 } };

    private async Task<long> RowAsync(string what, string package, long? under)
    {
        var bytes = Size(package);
        await output.WriteLineAsync(Text($"{what,-60} {bytes,17:#,0}   {(under is { } all ? bytes / (double)all : null),11:0.00 %}"));
        return bytes;
    }

    /// <summary>Random factors as phitrain writes trained ones.</summary>
    private string BuiltIn(PackageMaker maker, int rank)
    {
        var layers = DecoderWeights.Read(LoadedModel.BuiltIn).Tensors.Where(w => w.Key.EndsWith("_proj.weight", StringComparison.Ordinal));
        var written = maker.NewFolder($"factors-{rank}");
        LoraWriter.Write(written, "adapter", [.. layers.Select(layer => new LoraFactors(layer.Key[..^".weight".Length], Factor(rank, layer.Value.Shape[1]), Factor(layer.Value.Shape[0], rank)))], rank);
        var plain = maker.NewFolder($"built-in-{rank}");
        Directory.CreateDirectory(plain);
        File.Copy(Path.Combine(written, "adapter.onnx_adapter"), Path.Combine(plain, "adapter.onnx_adapter"));
        return Sealed(maker, plain, PackageKind.Adapter);

        FloatTensor Factor(int rows, int columns) => new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - .5f)]);
    }

    /// <summary>In PEFT's form with halves, as published adapters have them.</summary>
    private string ForMini(PackageMaker maker, int rank, Func<string, bool> hasModule)
    {
        var (config, plain, header, at) = (Phi3Mini.Config, maker.NewFolder("mini"), new Dictionary<string, object>(), 0L);
        var width = config.Heads * config.HeadSize;
        (string Block, string Module, int Inputs, int Outputs)[] linears =
        [
            ("self_attn", "qkv_proj", config.HiddenSize, width + (2 * config.KeyValueHeads * config.HeadSize)), ("self_attn", "o_proj", width, config.HiddenSize),
            ("mlp", "gate_up_proj", config.HiddenSize, 2 * config.IntermediateSize), ("mlp", "down_proj", config.IntermediateSize, config.HiddenSize),
        ];
        var chosen = Enumerable.Range(0, config.Layers).SelectMany(layer => linears.Where(l => hasModule(l.Module)).Select(l => (Name: $"base_model.model.model.layers.{layer}.{l.Block}.{l.Module}.lora_", l.Inputs, l.Outputs)));
        foreach (var (name, rows, columns) in chosen.SelectMany(l => ((string, int, int)[])[($"{l.Name}A.weight", rank, l.Inputs), ($"{l.Name}B.weight", l.Outputs, rank)]))
        {
            header[name] = new { dtype = "F16", shape = (int[])[rows, columns], data_offsets = (long[])[at, at += 2L * rows * columns] };
        }

        Directory.CreateDirectory(plain);
        File.WriteAllText(Path.Combine(plain, "adapter_config.json"), JsonSerializer.Serialize(new { peft_type = "LORA", r = rank, lora_alpha = rank, bias = "none" }));
        WriteHalves(Path.Combine(plain, "adapter_model.safetensors"), JsonSerializer.SerializeToUtf8Bytes(header), (int)(at / 2));
        var read = PeftFolder.Read(new ModelFolder(plain)).Count;
        return read == header.Count / 2 ? Sealed(maker, plain, PackageKind.Adapter) : throw new SoakException($"The engine reads {read} layers of the adapter, not {header.Count / 2}.");
    }

    private void WriteHalves(string path, byte[] header, int count)
    {
        using var file = new BinaryWriter(File.Create(path));
        file.Write((long)header.Length);
        file.Write(header);
        for (var i = 0; i < count; i++)
        {
            file.Write((Half)(random.NextSingle() - .5f));
        }
    }

    private static string Sealed(PackageMaker maker, string plain, PackageKind kind)
    {
        if (kind == PackageKind.Adapter)
        {
            // as long as the description that comes with a trained one
            File.WriteAllText(Path.Combine(plain, "sensor.json"), new string(' ', 400));
        }

        return maker.Package(maker.NewFolder("sealed"), plain, new PackageSlot(kind, kind == PackageKind.Model ? "large" : "pumps")).Folder;
    }

    private async Task LoadAsync(PackageMaker maker, CancellationToken token)
    {
        var plain = maker.NewFolder("large");
        Large.Write(plain, 1, _ => { });
        var package = Sealed(maker, plain, PackageKind.Model);
        await output.WriteLineAsync(Text($"\nload of a model of {Size(plain) / 1e6:0} MB, {Environment.ProcessorCount} cores, a process each time, the middle of {Rounds}        seconds    peak MB"));
        var (folder, sealedOne) = (new List<(double Seconds, double Peak)>(), new List<(double Seconds, double Peak)>());
        for (var round = 0; round < Rounds; round++)
        {
            folder.Add(await ChildAsync(token, plain));
            sealedOne.Add(await ChildAsync(token, package, maker.Root, maker.WriteIdentity()));
        }

        foreach (var (what, trials) in new[] { ("from a plain folder", folder), ("from a sealed package: digests, opened in memory, loaded", sealedOne) })
        {
            await output.WriteLineAsync(Text($"{what,-60} {Middle(trials.Select(t => t.Seconds)),17:0.00}   {Middle(trials.Select(t => t.Peak)) / 1e6,8:0}"));
        }
    }

    private static async Task<(double Seconds, double Peak)> ChildAsync(CancellationToken token, params string[] of)
    {
        using var child = Measured.StartOwn("EdgeGateway.Soak", ["updates", "load", .. of]);
        await child.EndAsync(token);
        var said = child.Output.Trim().Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (said[0], said[1]);
    }

    private static double Middle(IEnumerable<double> numbers) => numbers.Order().ElementAt(Rounds / 2);

    private static long Size(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
