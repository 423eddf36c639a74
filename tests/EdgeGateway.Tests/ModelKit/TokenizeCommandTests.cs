using System.IO.Compression;
using System.Text;
using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Tests.ModelKit.Vectors;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit;

public sealed class TokenizeCommandTests : IDisposable
{
    private const string Plain = """{"text":"hé\n","add_special":true,"special_as_text":false,"ids":[104,195,169,10],"decoded":"hé\n","decoded_skip":"hé\n","kind":"more"}""";
    private const string Special = """{"text":"a<|endoftext|>","add_special":false,"special_as_text":false,"ids":[97,256],"decoded":"a<|endoftext|>","decoded_skip":"a"}""";
    private const string AsText = """{"text":"<|endoftext|>","add_special":false,"special_as_text":true,"ids":[60,124,101,110,100,111,102,116,101,120,116,124,62],"decoded":"<|endoftext|>","decoded_skip":"<|endoftext|>"}""";

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("golden.jsonl", "tokenizer.json")]
    [InlineData("golden.jsonl.gz", "tokenizer.json.gz")]
    public async Task Equal_lines_are_counted(string golden, string tokenizer)
    {
        Assert.Equal((0, "3 equal, 0 different.\n", ""), await RunAsync($"{Plain}\n{Special}\n{AsText}\n", golden, tokenizer));
    }

    [Fact]
    public async Task Different_ids_and_texts_are_shown_and_end_with_3()
    {
        var (code, output, error) = await RunAsync($"{Plain}\n{Special.Replace("[97,256]", "[97]", StringComparison.Ordinal)}\n");
        Assert.Equal((3, ""), (code, error));
        Assert.Equal(
            """
            golden.jsonl, line 2: "a<|endoftext|>" gives the ids [97,256] instead of [97]
            golden.jsonl, line 2: the ids [97] with special tokens give "a" instead of "a<|endoftext|>"
            1 equal, 1 different.

            """,
            output);
    }

    [Fact]
    public async Task Only_the_first_five_different_lines_are_shown()
    {
        var different = Special.Replace("\"decoded_skip\":\"a\"", "\"decoded_skip\":\"b\"", StringComparison.Ordinal);
        var (code, output, _) = await RunAsync(string.Join('\n', Enumerable.Repeat(different, 9)));
        Assert.Equal(3, code);
        Assert.Equal(5, output.Split('\n').Count(line => line.Contains("without special tokens give \"a\" instead of \"b\"", StringComparison.Ordinal)));
        Assert.EndsWith("0 equal, 9 different.\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 2 is not JSON;")]
    [InlineData("", "line 2 is not JSON;")]
    [InlineData("[1]", "line 2 has no \"text\" of the right kind;")]
    [InlineData("{\"text\":\"a\",\"add_special\":1}", "line 2 has no \"add_special\" of the right kind;")]
    [InlineData("{\"text\":\"a\",\"add_special\":true,\"special_as_text\":true,\"ids\":[1.5]}", "line 2 has no \"ids\" of the right kind;")]
    [InlineData("{\"text\":\"a\",\"add_special\":true,\"special_as_text\":true,\"ids\":[1],\"decoded\":null}", "line 2 has no \"decoded\" of the right kind;")]
    public async Task A_line_of_another_form_is_named_and_ends_with_2(string line, string sentence)
    {
        var (code, output, error) = await RunAsync($"{Plain}\n{line}\n{Plain}\n");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(folder.File("golden.jsonl") + ", ", error, StringComparison.Ordinal);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_lines_proves_nothing()
    {
        var (code, _, error) = await RunAsync("");
        Assert.Equal(2, code);
        Assert.Contains("has no lines", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_in_gz_with_plain_text_in_it_is_explained()
    {
        Write("tokenizer.json", ByteTokenizer.Json());
        await File.WriteAllTextAsync(folder.File("g.jsonl.gz"), Plain, TestContext.Current.CancellationToken);
        var (code, _, error) = await Tool.RunAsync("tokenize", "--tokenizer", folder.File("tokenizer.json"), "--golden", folder.File("g.jsonl.gz"));
        Assert.Equal((2, $"{folder.File("g.jsonl.gz")} is not gzipped, or is damaged, although its name ends in .gz; rename it or copy it again.\n"), (code, error));
    }

    [Fact]
    public async Task A_tokenizer_that_the_engine_refuses_ends_with_4()
    {
        Write("tokenizer.json", ByteTokenizer.Json().Replace("\"BPE\"", "\"Unigram\"", StringComparison.Ordinal));
        Write("golden.jsonl", Plain);
        var (code, _, error) = await Tool.RunAsync("tokenize", "--tokenizer", folder.File("tokenizer.json"), "--golden", folder.File("golden.jsonl"));
        Assert.Equal(4, code);
        Assert.StartsWith("tokenizer.json asks for model.type Unigram", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("byte-fallback")]
    [InlineData("byte-level")]
    [InlineData("byte-level-split")]
    public async Task Small_tokenizers_of_the_three_forms_are_equal_to_the_rust_library(string name)
    {
        var source = Path.Combine(VectorWriter.Folder, "tokenizers", name);
        var (code, output, error) = await Tool.RunAsync("tokenize", "--tokenizer", Path.Combine(source, "tokenizer.json"), "--golden", Path.Combine(source, "golden.jsonl"));
        Assert.DoesNotContain("instead of", output, StringComparison.Ordinal);
        Assert.Equal((0, "103 equal, 0 different.\n", ""), (code, output, error));
    }

    [Theory]
    [InlineData("phi2", 0)]
    [InlineData("phi3", 0)]
    [InlineData("phi4", 0)]
    [InlineData("small-metaspace", 0)]
    public async Task Published_tokenizers_are_equal_to_the_rust_library(string family, int code)
    {
        var source = SharedFolder.Require($"fixtures/tokenizers/{family}");
        var tokenizer = Directory.GetFiles(source, "tokenizer.json*").Single();
        var (ended, output, _) = await Tool.RunAsync("tokenize", "--tokenizer", tokenizer, "--golden", Path.Combine(source, "golden.jsonl.gz"));
        Assert.Equal(code, ended);
        Assert.EndsWith(" equal, 0 different.\n", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private Task<(int Code, string Output, string Error)> RunAsync(string lines, string golden = "golden.jsonl", string tokenizer = "tokenizer.json")
    {
        Write(tokenizer, ByteTokenizer.Json());
        Write(golden, lines);
        return Tool.RunAsync("tokenize", "--tokenizer", folder.File(tokenizer), "--golden", folder.File(golden));
    }

    private void Write(string name, string text)
    {
        using Stream file = File.Create(folder.File(name));
        using var packed = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        packed.Write(Encoding.UTF8.GetBytes(text));
    }
}
