using System.Text.Json;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

public sealed class LoraTests
{
    private const float Exact = 5e-5f;
    private static readonly PhiModelOptions WithAdapters = new() { Adapters = true };

    public static TheoryData<string> Refused
    {
        get
        {
            var file = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "fixtures", "refuse-adapters", "expect.json");
            using var json = File.Exists(file) ? JsonDocument.Parse(File.ReadAllBytes(file)) : null;
            return [.. json?.RootElement.EnumerateObject().Select(entry => entry.Name) ?? ["dora"]];
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Broken_or_foreign_adapter_is_refused_by_name(string name)
    {
        var path = SharedFolder.Require($"fixtures/refuse-adapters/{name}");
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("fixtures/refuse-adapters/expect.json")));
        var expected = json.RootElement.GetProperty(name);
        var folder = expected.TryGetProperty("base", out var own) ? own.GetString()! : "models/phi3-micro";
        using var model = PhiModel.Load(SharedFolder.Require($"fixtures/{folder}"), WithAdapters);
        var refusal = Assert.Throws<ModelRefusedException>(() => model.LoadAdapter(path).Dispose());
        foreach (var word in expected.TryGetProperty("mentions", out var mentions) ? mentions.EnumerateArray().Select(word => word.GetString()!) : [])
        {
            Assert.Contains(word, refusal.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain(Path.GetDirectoryName(path)!, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"use_qalora\":true")]
    [InlineData("\"alora_invocation_tokens\":[5]")]
    [InlineData("\"layer_replication\":[[0,1],[0,1]]")]
    [InlineData("\"init_lora_weights\":\"pissa\"")]
    [InlineData("\"something_new\":3")]
    [InlineData("\"rank_pattern\":{\"(\":3}")]
    [InlineData("\"rank_pattern\":{\"o_proj\":2}")]
    [InlineData("\"alpha_pattern\":{\"o_proj\":\"much\"}")]
    public void Setting_that_would_change_the_answers_unseen_is_refused(string setting)
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config, settings: "," + setting);
        Assert.Throws<ModelRefusedException>(() => model.LoadAdapter(folder.File("adapter")));
    }

    [Fact]
    public void Adapter_gives_the_logits_of_merged_weights_and_leaves_calls_without_it_alone()
    {
        var config = RandomModel.Config with { Heads = 4, KeyValueHeads = 2, HeadSize = 16 };
        var weights = RandomModel.Weights(config);
        var rounded = ReferenceForward.Rounded(weights);
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, config, weights, WithAdapters);
        var merged = TestAdapter.Merge(rounded, TestAdapter.Write(folder.File("adapter"), config));
        using var adapter = model.LoadAdapter(folder.File("adapter"));
        var tokens = RandomModel.Tokens(34, config);
        var (plain, changed) = (new ReferenceForward(config, rounded).Logits(tokens), new ReferenceForward(config, merged).Logits(tokens));
        Assert.InRange(RandomModel.LargestDifference(plain, changed), 0.1f, float.MaxValue);
        Assert.InRange(RandomModel.LargestDifference(changed, RandomModel.Logits(model, tokens.AsSpan(0, 10), tokens.AsSpan(10), adapter)), 0, Exact);
        Assert.InRange(RandomModel.LargestDifference(plain, RandomModel.Logits(model, tokens.AsSpan(0, 10), tokens.AsSpan(10))), 0, Exact);
    }

    [Fact]
    public void Adapters_are_chosen_call_by_call_and_keep_their_own_prefix()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("first"), RandomModel.Config, seed: 4);
        TestAdapter.Write(folder.File("second"), RandomModel.Config, seed: 5);
        using var first = model.LoadAdapter(folder.File("first"));
        using var second = model.LoadAdapter(folder.File("second"));
        var (prefix, suffix) = (RandomModel.Tokens(20, RandomModel.Config), RandomModel.Tokens(9, RandomModel.Config, seed: 2));
        using var scorer = new LabelScorer(model, prefix, RandomModel.Labels(RandomModel.Config.VocabularySize));
        var logits = new float[RandomModel.Config.VocabularySize];
        foreach (var adapter in (LoraAdapter?[])[null, first, second, null, second, first, first])
        {
            scorer.Score(suffix, logits, adapter);
            Assert.Equal(RandomModel.Logits(model, [], [.. prefix, .. suffix], adapter), logits);
        }
    }

    [Fact]
    public async Task Swapped_adapter_lets_calls_under_way_finish_and_refuses_later_ones()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        var tokens = RandomModel.Tokens(40, RandomModel.Config);
        using var scorer = new LabelScorer(model, [1, 2], RandomModel.Labels(RandomModel.Config.VocabularySize));
        for (var round = 0; round < 20; round++)
        {
            using var adapter = model.LoadAdapter(folder.File("adapter"));
            var expected = RandomModel.Logits(model, [1, 2], tokens, adapter);
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var judging = Task.Run(
                () =>
                {
                    var logits = new float[expected.Length];
                    while (true)
                    {
                        scorer.Score(tokens, logits, adapter);
                        Assert.Equal(expected, logits);
                        begun.TrySetResult();
                    }
                },
                TestContext.Current.CancellationToken);
            await begun.Task;
            adapter.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => judging);
            Assert.True(adapter.IsFreed);
        }
    }

    [Fact]
    public void Call_that_is_refused_for_its_adapter_does_not_keep_the_model()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        using var adapter = model.LoadAdapter(folder.File("adapter"));
        adapter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => RandomModel.Logits(model, [1], [2, 3], adapter));
        Assert.False(model.IsFreed);
        model.Dispose();
        Assert.True(model.IsFreed);
    }

    [Fact]
    public void Sequence_that_outgrows_its_room_after_model_and_adapter_were_disposed_goes_on_and_lets_both_go_once()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        using var adapter = model.LoadAdapter(folder.File("adapter"));
        var tokens = RandomModel.Tokens(40, RandomModel.Config);
        var expected = RandomModel.Logits(model, [], tokens, adapter);
        using var first = new TokenSequence(model, adapter, 4);
        using var second = new TokenSequence(model, adapter, 4);
        first.Append(tokens.AsSpan(0, 3));
        adapter.Dispose();
        model.Dispose();
        Assert.Equal(expected, first.Append(tokens.AsSpan(3)).ToArray());
        first.Dispose();
        first.Dispose();
        Assert.False(model.IsFreed || adapter.IsFreed);
        Assert.Throws<ObjectDisposedException>(() => first.Append([1]).Length);
        second.Dispose();
        Assert.True(model.IsFreed && adapter.IsFreed);
    }

    [Fact]
    public void Adapter_of_another_model_is_refused_before_anything_runs()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        using var other = PhiModel.Load(folder.Path, WithAdapters);
        using var without = PhiModel.Load(folder.Path);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config);
        using var adapter = other.LoadAdapter(folder.File("adapter"));
        Assert.Throws<ArgumentException>("adapter", () => RandomModel.Logits(model, [], [1, 2], adapter));
        Assert.Throws<InvalidOperationException>(() => without.LoadAdapter(folder.File("adapter")));
    }

    [Fact]
    public void Adapter_of_other_shapes_is_refused_with_both()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config), WithAdapters);
        TestAdapter.Write(folder.File("adapter"), RandomModel.Config with { IntermediateSize = 128 });
        var refusal = Assert.Throws<ModelRefusedException>(() => model.LoadAdapter(folder.File("adapter")));
        Assert.Equal(RefusalReason.AdapterDisagrees, refusal.Reason);
        Assert.Contains("mlp.down_proj has the shapes A [128, 3] and B [3, 64], but the model's layer takes 96 and gives 64 numbers", refusal.Message, StringComparison.Ordinal);
    }
}
