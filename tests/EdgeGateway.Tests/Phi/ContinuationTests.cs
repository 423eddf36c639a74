using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed class ContinuationTests
{
    private const int LongestRun = 256;

    [Fact]
    public void Label_of_several_tokens_scores_the_sum_of_its_steps()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var (prefix, suffix) = (RandomModel.Tokens(11, RandomModel.Config), RandomModel.Tokens(7, RandomModel.Config, seed: 2));
        int[][] labels = [[5], [6, 7], [6, 8, 9], [70]];
        using var scorer = new LabelScorer(model, prefix, labels);
        var scores = new float[labels.Length];
        scorer.Score(suffix, scores);
        for (var i = 0; i < labels.Length; i++)
        {
            var expected = 0d;
            for (var step = 0; step < labels[i].Length; step++)
            {
                var logits = RandomModel.Logits(model, [], [.. prefix, .. suffix, .. labels[i].AsSpan(0, step)]);
                expected += logits[labels[i][step]] - Math.Log(logits.Sum(logit => Math.Exp(logit)));
            }

            Assert.Equal(expected, scores[i], 1e-4);
        }
    }

    [Fact]
    public void Nothing_of_a_call_reaches_the_next_one_even_if_all_it_left_behind_is_poisoned()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var tokens = RandomModel.Tokens(40, RandomModel.Config);
        var clean = RandomModel.Logits(model, [], tokens);
        using var sequence = new TokenSequence(model, null, 96, sameBits: true);
        sequence.Append(tokens.AsSpan(0, 12));
        sequence.Append(RandomModel.Tokens(60, RandomModel.Config, seed: 8));
        sequence.Truncate(12);
        foreach (var cache in sequence.Pass.CacheTensors)
        {
            var values = cache.GetTensorMutableDataAsSpan<float>();
            var shape = cache.GetTensorTypeAndShape().Shape;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = i / shape[3] % shape[2] >= 12 ? float.NaN : values[i];
            }
        }

        Assert.Equal(clean, sequence.Append(tokens.AsSpan(12)).ToArray());
    }

    [Fact]
    public void Greedy_answer_is_that_of_whole_runs_and_ends_at_a_stop_token_or_the_context()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var tokens = RandomModel.Tokens(20, RandomModel.Config).ToList();
        var answer = GreedyDecoder.Generate(model, tokens.ToArray(), 12, []);
        Assert.Equal(12, answer.Length);
        foreach (var token in answer)
        {
            var logits = RandomModel.Logits(model, [], tokens.ToArray());
            Assert.Equal(Array.IndexOf(logits, logits.Max()), token);
            tokens.Add(token);
        }

        var stop = answer[5];
        Assert.Equal(answer[..Array.IndexOf(answer, stop)], GreedyDecoder.Generate(model, tokens.ToArray().AsSpan(0, 20), 12, [stop]));
        Assert.Equal(77, GreedyDecoder.Generate(model, tokens.ToArray().AsSpan(0, 20), 1000, []).Length);
        Assert.Single(GreedyDecoder.Generate(model, RandomModel.Tokens(96, RandomModel.Config), 1000, []));
    }

    [Fact]
    public void Sequence_longer_than_one_run_has_the_same_bits_however_it_is_cut()
    {
        var config = RandomModel.Config with { MaxPositions = 700 };
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, config, RandomModel.Weights(config));
        var tokens = RandomModel.Tokens(LongestRun + LongestRun + 1, config);
        var whole = RandomModel.Logits(model, [], tokens);
        foreach (var cut in (int[])[1, 100, 255, 256, 257, 400, 511, 512])
        {
            Assert.Equal(whole, RandomModel.Logits(model, tokens.AsSpan(0, cut), tokens.AsSpan(cut)));
        }
    }

    [Fact]
    public void Prefix_may_leave_room_for_the_label_alone()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var tokens = RandomModel.Tokens(96, RandomModel.Config);
        using var scorer = new LabelScorer(model, tokens.AsSpan(0, 95), RandomModel.Labels(RandomModel.Config.VocabularySize));
        var logits = new float[RandomModel.Config.VocabularySize];
        scorer.Score(tokens.AsSpan(95), logits);
        Assert.Equal(1, scorer.LongestSuffix);
        Assert.Equal(RandomModel.Logits(model, [], tokens), logits);
        using var longer = new LabelScorer(model, tokens.AsSpan(0, 93), [[1, 2, 3]]);
        longer.Score(tokens.AsSpan(93, 1), new float[1]);
    }

    [Fact]
    public async Task Call_cancelled_just_when_it_ends_does_not_end_the_next_one()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        using var scorer = new LabelScorer(model, [1], [[2], [3]]);
        var suffix = RandomModel.Tokens(3, RandomModel.Config);
        for (var round = 0; round < 2000; round++)
        {
            using var cancelled = new CancellationTokenSource();
            var cancelling = Task.Run(cancelled.Cancel, TestContext.Current.CancellationToken);
            try
            {
                scorer.Score(suffix, new float[2], cancellation: cancelled.Token);
            }
            catch (OperationCanceledException)
            {
            }

            await cancelling;
            scorer.Score(suffix, new float[2]);
        }
    }

    [Fact]
    public async Task Cancelled_call_ends_and_the_next_one_gives_the_same_bits()
    {
        var config = RandomModel.Config with { MaxPositions = 2048, Layers = 6 };
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, config, RandomModel.Weights(config), new PhiModelOptions { Callers = 1 });
        var (prefix, suffix) = (RandomModel.Tokens(30, config), RandomModel.Tokens(2000, config, seed: 2));
        using var scorer = new LabelScorer(model, prefix, [[1], [2]]);
        var expected = new float[2];
        scorer.Score(suffix, expected);
        for (var round = 0; round < 5; round++)
        {
            using var cancelled = new CancellationTokenSource();
            var running = Task.Run(() => Assert.ThrowsAny<OperationCanceledException>(() => ScoreForEver(scorer, suffix, cancelled.Token)), TestContext.Current.CancellationToken);
            var waiting = Task.Run(() => Assert.ThrowsAny<OperationCanceledException>(() => ScoreForEver(scorer, suffix, cancelled.Token)), TestContext.Current.CancellationToken);
            await cancelled.CancelAsync();
            await running;
            await waiting;
            var scores = new float[2];
            scorer.Score(suffix, scores, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(expected, scores);
        }
    }

    private static void ScoreForEver(LabelScorer scorer, int[] suffix, CancellationToken cancellation)
    {
        while (true)
        {
            scorer.Score(suffix, new float[2], cancellation: cancellation);
        }
    }
}
