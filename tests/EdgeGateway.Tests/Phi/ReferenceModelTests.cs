using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

public sealed class ReferenceModelTests
{
    private const float ScoreTolerance = 2e-4f; // scores have five decimals and are sums of eleven logits

    private static readonly int[][] Labels = [[3], [4], [5], [6], [7], [8], [9], [10], [11], [12]];

    [Fact]
    public void Prompts_have_the_tokens_of_the_reference()
    {
        var tokenizer = Tokenizer.Parse(File.ReadAllBytes(SharedFolder.Require("reference/model/tokenizer.json")));
        using var prompts = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("reference/model/prompts.json")));
        var destination = new int[64];
        foreach (var example in prompts.RootElement.GetProperty("examples").EnumerateArray())
        {
            var prompt = example.GetProperty("prompt").GetString()!;
            var expected = example.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            Assert.Equal(expected, tokenizer.Encode(prompt, addSpecialTokens: true));
            Assert.Equal(expected[1..], destination[..tokenizer.Encode(prompt, destination)]);
        }
    }

    [Fact]
    public void Engine_gives_the_int4_scores_and_the_reference_forward_the_float_ones()
    {
        using var folder = new TemporaryFolder();
        var (config, weights) = Read();
        Phi3Writer.Write(folder.Path, config, weights, File.ReadAllText(SharedFolder.Require("reference/model/tokenizer.json")));
        using var model = PhiModel.Load(folder.Path);
        using var scorer = new LabelScorer(model, [1], Labels);
        var plain = new ReferenceForward(config, weights);
        var logits = new float[Labels.Length];
        var rows = Scores().ToArray();
        Assert.Equal(2255, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var tokens = model.Tokenizer.Encode(rows[i].Prompt, addSpecialTokens: false);
            scorer.Score(tokens, logits);
            Assert.Equal(rows[i].Int4, Score(logits), ScoreTolerance);
            if (i % 100 == 0)
            {
                Assert.Equal(rows[i].Float, Score(plain.Logits([1, .. tokens]).AsSpan(3, 10)), ScoreTolerance);
            }
        }
    }

    [Fact]
    public void Tokenizing_a_prompt_allocates_nothing()
    {
        var tokenizer = Tokenizer.Parse(File.ReadAllBytes(SharedFolder.Require("reference/model/tokenizer.json")));
        var prompt = Scores().First().Prompt;
        Span<int> destination = stackalloc int[64];
        tokenizer.Encode(prompt, destination);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            tokenizer.Encode(prompt, destination);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static (Phi3Config Config, IReadOnlyDictionary<string, FloatTensor> Weights) Read() => (
        Phi3Config.Parse(File.ReadAllBytes(SharedFolder.Require("reference/model/config.json"))),
        SafeTensors.Read(SharedFolder.Require("reference/model/model.safetensors")));

    private static float Score(ReadOnlySpan<float> logits)
    {
        var sum = 0d;
        foreach (var logit in logits[1..])
        {
            sum += Math.Exp(logit - logits[0]);
        }

        return (float)Math.Log(sum);
    }

    private static IEnumerable<(string Prompt, float Float, float Int4)> Scores()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(SharedFolder.Require("reference/model/scores.csv.gz")), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            yield return (cells[^4], float.Parse(cells[^3], CultureInfo.InvariantCulture), float.Parse(cells[^2], CultureInfo.InvariantCulture));
        }
    }
}
