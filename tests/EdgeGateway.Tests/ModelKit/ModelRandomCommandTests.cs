using EdgeGateway.ModelKit.Commands;
using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit;

public sealed class ModelRandomCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task A_small_model_loads_and_answers()
    {
        var (code, output, error) = await Tool.RunAsync("model", "random", "--shape", "small", folder.File("new"));
        Assert.Equal((0, $"{folder.File("new")}: small with random weights, 7.0 MB.\n", ""), (code, output, error));
        using var model = PhiModel.Load(folder.File("new"));
        Assert.InRange(Spread(RandomModel.Logits(model, [], model.Tokenizer.Encode("Pump 3: p=4.02 bar", addSpecialTokens: true))), .5, 2);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_files_and_another_gives_others()
    {
        foreach (var (name, seed) in ((string, string)[])[("a", "1"), ("b", "1"), ("c", "2")])
        {
            await Tool.RunAsync("model", "random", folder.File(name), "--shape", "small", "--seed", seed);
        }

        foreach (var file in Directory.GetFiles(folder.File("a")).Select(Path.GetFileName))
        {
            Assert.Equal(await ReadAsync("a", file!), await ReadAsync("b", file!));
        }

        Assert.NotEqual(await ReadAsync("a", "model.onnx.data"), await ReadAsync("c", "model.onnx.data"));
    }

    [Theory]
    [InlineData("phi3-mini")]
    [InlineData("phi4-mini")]
    [InlineData("phi2")]
    public void Every_form_loads_and_answers_in_small(string name)
    {
        var real = RandomShape.All.Single(shape => shape.Name == name);
        var small = real with
        {
            Config = real.Config with { Layers = 4, HiddenSize = 256, IntermediateSize = 512, VocabularySize = 1024, MaxPositions = 512 },
            Form = real.Form with { LongRope = real.Form.LongRope is { } rope ? rope with { OriginalContext = 128 } : null },
        };
        small.Write(folder.Path, 1, _ => { });
        using var model = PhiModel.Load(folder.Path);
        Assert.Equal(real.Form.LongRope is null ? null : 128, model.RotarySwitch);
        foreach (var length in (int[])[1, 40, 200])
        {
            Assert.InRange(Spread(RandomModel.Logits(model, [], [.. Enumerable.Range(0, length).Select(i => 31 * i % 256)])), .5, 2);
        }
    }

    [Theory]
    [InlineData("small")]
    [InlineData("medium")]
    public void What_a_model_takes_on_a_disk_is_known_beforehand(string name)
    {
        var shape = RandomShape.All.Single(shape => shape.Name == name);
        shape.Write(folder.Path, 1, _ => { });
        var bytes = Directory.GetFiles(folder.Path).Sum(file => new FileInfo(file).Length);
        Assert.InRange(bytes, .98 * shape.Bytes, shape.Bytes);
    }

    [Fact]
    public void A_disk_that_is_too_full_is_refused_beforehand()
    {
        var refusal = Assert.Throws<IOException>(() => ModelRandomCommand.RequireSpace(new DirectoryInfo(folder.Path), long.MaxValue));
        Assert.Contains("GB free, but the model takes 9223372036.9 GB; free space or", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_files_in_it_is_left_alone()
    {
        await File.WriteAllTextAsync(folder.File("mine"), "", TestContext.Current.CancellationToken);
        var (code, _, error) = await Tool.RunAsync("model", "random", folder.Path, "--shape", "small");
        Assert.Equal((2, $"{folder.Path} is not empty; give a new folder, or empty it first.\n"), (code, error));
    }

    public void Dispose() => folder.Dispose();

    private Task<byte[]> ReadAsync(string name, string file) => File.ReadAllBytesAsync(Path.Combine(folder.File(name), file), TestContext.Current.CancellationToken);

    /// <summary>Standard deviation.</summary>
    private static double Spread(float[] logits)
    {
        var mean = logits.Average();
        return Math.Sqrt(logits.Average(logit => (logit - mean) * (logit - mean)));
    }
}
