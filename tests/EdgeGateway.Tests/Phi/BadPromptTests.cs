using System.Text;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

/// <summary>Tokenizers and prompts that someone made to do harm.</summary>
public sealed class BadPromptTests
{
    private static readonly string Special = Tokenizers("""{"a":0,"b":1,"c":2}""", added: """[{"content":"a","special":true},{"content":"b","special":true}]""");

    [Theory]
    [InlineData("""{"a":0,"b":0}""", "[]", "[]")]
    [InlineData("""{"a":0,"b":1,"c":5}""", "[]", """[{"content":"x"},{"content":"y"},{"content":"z"}]""")]
    [InlineData("""{"a":0}""", "[]", """[{"content":"x"},{"content":"x"}]""")]
    [InlineData("""{"a":0}""", """["a a"]""", "[]")]
    [InlineData("""{"a":0}""", """[["a"]]""", "[]")]
    [InlineData("""{"a":-1}""", "[]", "[]")]
    [InlineData("""{"a":2147483647}""", "[]", "[]")]
    [InlineData("""{"a":99999999999}""", "[]", "[]")]
    public void Tokenizer_with_doubled_ids_or_impossible_ones_is_refused(string vocabulary, string merges, string added)
    {
        var refusal = Assert.Throws<ModelRefusedException>(() => Parse(Tokenizers(vocabulary, merges, added)));
        Assert.Equal(RefusalReason.TokenizerInvalid, refusal.Reason);
    }

    [Fact]
    public void Tokenizer_whose_replacements_feed_each_other_without_end_is_refused()
    {
        var steps = string.Join(',', Enumerable.Repeat("""{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""", 40));
        var refusal = Assert.Throws<ModelRefusedException>(() => Parse(Tokenizers("""{"a":0}""", normalizer: $$"""{"type":"Sequence","normalizers":[{{steps}}]}""")));
        Assert.Equal(RefusalReason.TokenizerUnsupported, refusal.Reason);
    }

    [Fact]
    public void Merges_that_give_a_token_of_their_own_or_an_empty_one_come_to_an_end()
    {
        var tokenizer = Parse(Tokenizers("""{"":0,"a":1,"aa":2,"aaa":3}""", """[["a",""],["","a"],["a","a"],["aa","a"],["a","aa"],["",""]]"""));
        Assert.Equal("aaaaaaa", string.Concat(tokenizer.Encode("aaaaaaa", addSpecialTokens: true).Select(id => tokenizer.Decode([id]))));
    }

    [Fact]
    public void Prompt_longer_than_the_context_is_refused_with_both_counts_and_the_longest_one_is_not()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        using var sequence = new TokenSequence(model);
        sequence.Append(new int[96]);
        using var scorer = new LabelScorer(model, [1, 2], [[3]]);
        scorer.Score(new int[94], new float[1]);
        Action[] calls = [() => sequence.Append([1]), () => scorer.Score(new int[95], new float[1]), () => GreedyDecoder.Generate(model, new int[97], 1, [])];
        foreach (var call in calls)
        {
            var refusal = Assert.Throws<PromptException>(call);
            Assert.Equal(PromptProblem.TooLong, refusal.Problem);
            Assert.Contains("97 tokens are more than the model's context of 96", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Empty_text_has_no_tokens_and_a_prompt_of_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        using var sequence = new TokenSequence(model);
        var tokens = model.Tokenizer.Encode("", addSpecialTokens: true);
        Assert.Empty(tokens);
        Assert.Equal(PromptProblem.Empty, Assert.Throws<PromptException>(() => sequence.Append(tokens)).Problem);
        Assert.Equal(PromptProblem.Empty, Assert.Throws<PromptException>(() => GreedyDecoder.Generate(model, tokens, 1, [])).Problem);
        Assert.Empty(model.Tokenizer.Decode([]));
    }

    [Fact]
    public void Prompt_of_special_tokens_alone_is_computed_like_any_other()
    {
        using var folder = new TemporaryFolder();
        using var model = RandomModel.Load(folder, RandomModel.Config, RandomModel.Weights(RandomModel.Config));
        var tokens = Parse(Special).Encode("abba", addSpecialTokens: true);
        Assert.Equal([0, 1, 1, 0], tokens);
        Assert.Equal(RandomModel.Logits(model, [], tokens), RandomModel.Logits(model, tokens.AsSpan(0, 2), tokens.AsSpan(2)));
        Assert.All(RandomModel.Logits(model, [], tokens), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Special_tokens_in_a_text_from_outside_are_plain_text_and_decode_to_nothing_as_tokens()
    {
        var tokenizer = Parse(Special);
        Assert.Equal(tokenizer.Encode("c", addSpecialTokens: true), tokenizer.Encode([TextPart.Data("c")]));
        Assert.Equal([0, 1], tokenizer.Encode([TextPart.Data("ab")]));
        Assert.Empty(tokenizer.Decode([0, 1, 0]));
        Assert.NotEmpty(tokenizer.Decode([0, 1, 0], skipSpecialTokens: false));
    }

    private static Tokenizer Parse(string json) => Tokenizer.Parse(Encoding.UTF8.GetBytes(json));

    private static string Tokenizers(string vocabulary, string merges = "[]", string added = "[]", string normalizer = "null") =>
        $$"""{ "added_tokens": {{added}}, "normalizer": {{normalizer}}, "model": { "type": "BPE", "vocab": {{vocabulary}}, "merges": {{merges}} } }""";
}
