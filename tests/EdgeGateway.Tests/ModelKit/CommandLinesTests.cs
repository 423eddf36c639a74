namespace EdgeGateway.Tests.ModelKit;

public sealed class CommandLinesTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("evaluate --help")]
    [InlineData("tokenize --help")]
    [InlineData("model --help")]
    [InlineData("model inspect --help")]
    [InlineData("model random --help")]
    [InlineData("model verify --help")]
    [InlineData("model bench --help")]
    [InlineData("model canonical --help")]
    public async Task Help_has_an_example(string command)
    {
        var (code, output, _) = await Tool.RunAsync(command.Split(' '));
        Assert.Equal(0, code);
        Assert.Contains("Example: modelkit ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenize --golden g.jsonl", "Option '--tokenizer' is required.")]
    [InlineData("model inspect nowhere", "does not exist: 'nowhere'")]
    [InlineData("model inspect . --tokens 0", "--tokens takes a number of at least 1.")]
    [InlineData("model random out --shape llama", "'llama' not recognized")]
    public async Task A_wrong_command_line_is_explained_and_ends_with_2(string command, string sentence)
    {
        var (code, _, error) = await Tool.RunAsync(command.Split(' '));
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.EndsWith("Add --help to see what is possible.\n", error, StringComparison.Ordinal);
    }
}
