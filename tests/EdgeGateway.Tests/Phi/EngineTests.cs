using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

public sealed class EngineTests
{
    private const float Exact = 5e-5f;
    private static float smallest = 1.17549435e-38f;

    public static TheoryData<string> Shapes => new("plain", "grouped", "one key head", "hidden not whole blocks", "own head size", "sliding window", "tied", "one layer", "deep");

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Engine_gives_the_logits_of_the_reference_forward(string name)
    {
        var config = Shape(name);
        var weights = RandomModel.Weights(config);
        var reference = new ReferenceForward(config, ReferenceForward.Rounded(weights));
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, config, weights);
        foreach (var length in (int[])[1, 2, 17, 34, 64])
        {
            var tokens = RandomModel.Tokens(length, config);
            var expected = reference.Logits(tokens);
            Assert.InRange(RandomModel.LargestDifference(expected, RandomModel.Logits(model, [], tokens)), 0, Exact);
            Assert.InRange(RandomModel.LargestDifference(expected, RandomModel.Logits(model, tokens.AsSpan(0, length / 2), tokens.AsSpan(length / 2))), 0, Exact);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Cached_prefix_changes_no_bit_wherever_the_cut_is(string name)
    {
        var config = Shape(name);
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, config, RandomModel.Weights(config));
        foreach (var length in (int[])[2, 3, 33, 34, 61, 66, 90])
        {
            var tokens = RandomModel.Tokens(length, config);
            var whole = RandomModel.Logits(model, [], tokens);
            for (var cut = 1; cut < tokens.Length; cut++)
            {
                Assert.Equal(whole, RandomModel.Logits(model, tokens.AsSpan(0, cut), tokens.AsSpan(cut)));
            }
        }
    }

    [Fact]
    public async Task Disposing_scorer_and_model_lets_the_pass_under_way_finish_and_refuses_later_ones()
    {
        var config = Shape("deep");
        using var folder = new TemporaryFolder();
        var tokens = RandomModel.Tokens(60, config);
        for (var round = 0; round < 20; round++)
        {
            using var model = RandomModel.Load(folder, config, RandomModel.Weights(config));
            using var scorer = new LabelScorer(model, [], [[1], [2]]);
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var judging = Task.Run(
                () =>
                {
                    var logits = new float[2];
                    while (true)
                    {
                        scorer.Score(tokens, logits);
                        begun.TrySetResult();
                    }
                },
                TestContext.Current.CancellationToken);
            await begun.Task;
            scorer.Dispose();
            model.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => judging);
        }
    }

    [Fact]
    public void Pool_gives_the_bits_of_one_thread()
    {
        using var folder = new TemporaryFolder();
        var weights = RandomModel.Weights(RandomModel.Config);
        using var one = RandomModel.Load(folder, RandomModel.Config, weights, new PhiModelOptions());
        using var two = PhiModel.Load(folder.Path, new PhiModelOptions { UsePool = true });
        foreach (var length in (int[])[1, 2, 33, 90])
        {
            var tokens = RandomModel.Tokens(length, RandomModel.Config);
            Assert.Equal(RandomModel.Logits(one, [], tokens), RandomModel.Logits(two, [], tokens));
        }
    }

    [Fact]
    public void Scores_do_not_depend_on_what_was_scored_before()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var prefix = RandomModel.Tokens(5, RandomModel.Config);
        int[][] labels = [[3], [1], [70]];
        using var scorer = new LabelScorer(model, prefix, labels);
        foreach (var length in (int[])[30, 1, 91, 2, 59, 60, 3])
        {
            var suffix = RandomModel.Tokens(length, RandomModel.Config, seed: length);
            var scores = new float[3];
            scorer.Score(suffix, scores);
            var all = RandomModel.Logits(model, prefix, suffix);
            Assert.Equal(labels.Select(label => all[label[0]]), scores);
        }
    }

    [Fact]
    public async Task Scorers_on_several_threads_do_not_disturb_each_other()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var expected = Enumerable.Range(1, 20).Select(seed => RandomModel.Logits(model, [], RandomModel.Tokens(20, RandomModel.Config, seed))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var scorer = new LabelScorer(model, [], RandomModel.Labels(RandomModel.Config.VocabularySize));
            var logits = new float[RandomModel.Config.VocabularySize];
            for (var seed = 1; seed <= 20; seed++)
            {
                scorer.Score(RandomModel.Tokens(20, RandomModel.Config, seed), logits);
                Assert.Equal(expected[seed - 1], logits);
            }
        })));
    }

    [Fact]
    public void Smallest_numbers_are_zero_only_while_the_model_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "Only Linux on x64 switches.");
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        RandomModel.Logits(model, [1], [2, 3]);
        var smallestNormal = Volatile.Read(ref smallest);
        Assert.NotEqual(0, smallestNormal / 4);
        using (DenormalsAsZero.Begin())
        {
            Assert.Equal(0, smallestNormal / 4);
        }

        Assert.NotEqual(0, smallestNormal / 4);
    }

    [Fact]
    public void A_call_allocates_next_to_nothing()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        using var scorer = new LabelScorer(model, [1], [[2], [3]]);
        var suffix = RandomModel.Tokens(33, RandomModel.Config);
        var logits = new float[2];
        scorer.Score(suffix, logits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            scorer.Score(suffix, logits);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 2048);
    }

    [Fact]
    public void Arguments_out_of_bounds_are_named_before_anything_runs()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        Assert.Throws<ArgumentOutOfRangeException>("labels", () => Scorer([1], []));
        Refused(PromptProblem.Empty, "labels", () => Scorer([1], [[2], []]));
        Refused(PromptProblem.UnknownToken, "labels", () => Scorer([1], [[80]]));
        Refused(PromptProblem.TooLong, "prefixTokens", () => Scorer(new int[97], [[1]]));
        Refused(PromptProblem.TooLong, "labels", () => Scorer(new int[96], [[1]]));
        using var scorer = new LabelScorer(model, [1], [[2], [3]]);
        Refused(PromptProblem.Empty, "suffix", () => scorer.Score([], new float[2]));
        Refused(PromptProblem.UnknownToken, "suffix", () => scorer.Score([-1], new float[2]));
        Refused(PromptProblem.TooLong, "suffix", () => scorer.Score(new int[96], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>("scores", () => scorer.Score([1], new float[3]));
        Refused(PromptProblem.TooLong, "prompt", () => GreedyDecoder.Generate(model, new int[97], 1, []));
        Refused(PromptProblem.Empty, "prompt", () => GreedyDecoder.Generate(model, [], 1, []));

        void Scorer(int[] prefix, int[][] labels) => new LabelScorer(model, prefix, labels).Dispose();

        static void Refused(PromptProblem problem, string parameter, Action call) => Assert.Equal(problem, Assert.Throws<PromptException>(parameter, call).Problem);
    }

    private static Phi3Config Shape(string name) => name switch
    {
        "grouped" => RandomModel.Config with { Heads = 4, KeyValueHeads = 2, HeadSize = 16 },
        "one key head" => RandomModel.Config with { Heads = 3, KeyValueHeads = 1, HeadSize = 32, HiddenSize = 96 },
        "hidden not whole blocks" => RandomModel.Config with { HiddenSize = 72, IntermediateSize = 100, HeadSize = 48 },
        "own head size" => RandomModel.Config with { HeadSize = 16, Heads = 6, KeyValueHeads = 3 },
        "sliding window" => RandomModel.Config with { SlidingWindow = 9 },
        "tied" => RandomModel.Config with { TiedHead = true },
        "one layer" => RandomModel.Config with { Layers = 1, HiddenSize = 32, IntermediateSize = 32, Heads = 1, KeyValueHeads = 1 },
        "deep" => RandomModel.Config with { Layers = 7, NormEpsilon = 1e-6, RotaryBase = 500000 },
        _ => RandomModel.Config,
    };
}
