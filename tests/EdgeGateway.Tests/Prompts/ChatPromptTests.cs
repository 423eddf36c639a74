using System.Text.Json;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Prompts;

public sealed class ChatPromptTests
{
    private static string GoldenFile => Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "chat", "prompt.txt");

    [Fact]
    public void Model_folder_without_a_description_is_asked_in_words()
    {
        using var folder = new TemporaryFolder();
        var sensor = SensorModel.Load(folder.Path);
        Assert.Equal(PromptForm.Chat, sensor.Form);
        Assert.Equal(File.ReadAllText(GoldenFile), sensor.Prefix + Text(sensor));
    }

    [Fact]
    public void Description_of_a_plain_model_does_not_mention_the_form()
    {
        var plain = SensorModel.Load(LoadedModel.BuiltIn);
        Assert.Equal(PromptForm.Plain, plain.Form);
        Assert.DoesNotContain("orm\"", JsonSerializer.Serialize(plain), StringComparison.Ordinal);
        Assert.Contains("\"chat\"", JsonSerializer.Serialize(plain with { Form = PromptForm.Chat }), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_that_does_not_exist_is_not_taken_for_a_chat_model() =>
        Assert.Throws<SensorModelException>(() => SensorModel.Load(Path.Combine(Path.GetTempPath(), "no-such-model")));

    [Theory]
    [InlineData("phi3", "<|user|> ", "<|end|><|assistant|>")]
    [InlineData("phi4", "<|user|>", "<|end|><|assistant|>")]
    public void Question_is_the_users_turn_and_a_label_begins_the_assistants(string family, string before, string after)
    {
        var tokenizer = Tokenizer.Parse(TokenizerTests.Read(SharedFolder.Require($"fixtures/tokenizers/{family}")));
        using var folder = new TemporaryFolder();
        var sensor = SensorModel.Load(folder.Path);
        var frame = new PromptFrame(tokenizer, sensor);
        var tokens = new int[2000];
        int[] all = [.. frame.Before, .. tokens[..frame.Encode(Text(sensor), tokens)]];
        var rendered = before + File.ReadAllText(GoldenFile) + after;
        Assert.Equal(Words(rendered), Words(tokenizer.Decode(all, skipSpecialTokens: false)));
        Assert.All(frame.Labels.Zip(sensor.Labels), pair => Assert.Equal(pair.Second.Token, tokenizer.Decode(pair.First).Trim()));
    }

    [Fact]
    public void Tokenizer_without_turns_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Tokenizer.Parse(File.ReadAllBytes(Path.Combine(LoadedModel.BuiltIn, Tokenizer.FileName)));
        Assert.Contains("<|assistant|>", Assert.Throws<SensorModelException>(() => new PromptFrame(tokenizer, SensorModel.Load(folder.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_form_judges_a_window_in_words()
    {
        var folder = SharedFolder.Require("fixtures/models/phi3-4k-window");
        var sensor = SensorModel.Load(folder);
        using var model = PhiModel.Load(folder);
        using var judge = new PhiVerdictModel(model, sensor);
        var (probabilities, again) = (new float[sensor.Labels.Length], new float[sensor.Labels.Length]);
        judge.Judge(Text(sensor), probabilities);
        judge.Judge(Text(sensor), again);
        Assert.Equal(1, probabilities.Sum(), 1e-5);
        Assert.Equal(probabilities, again);
        Assert.DoesNotContain(probabilities, probability => probability is <= 0 or >= 1);
    }

    /// <summary>The prompt of a window in which the fields have the levels 0, 1, 2 and so on, the last one absent.</summary>
    private static string Text(SensorModel sensor)
    {
        var fields = Enumerable.Repeat(double.NaN, SensorFields.Count).ToArray();
        for (var i = 0; i < sensor.Fields.Length - 1; i++)
        {
            fields[SensorFields.Names.IndexOf(sensor.Fields[i].Name)] = i == 0 ? double.MinValue : sensor.Fields[i].Edges[Math.Min(i, 9) - 1];
        }

        var writer = new PromptWriter(sensor);
        return string.Create(writer.Length, (writer, fields), (text, state) => state.writer.Write(state.fields, text));
    }

    /// <summary>Blanks are where the forms of tokenizers differ.</summary>
    private static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
