using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed partial class TokenizerTests
{
    [Theory]
    [InlineData("phi2")]
    [InlineData("phi3")]
    [InlineData("phi4")]
    [InlineData("small-metaspace")]
    public void Ids_and_texts_are_those_of_the_rust_library(string family)
    {
        var folder = SharedFolder.Require($"fixtures/tokenizers/{family}");
        var tokenizer = Tokenizer.Parse(Read(folder));
        var wrong = new List<string>();
        var lines = 0;
        using var golden = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, "golden.jsonl.gz")), CompressionMode.Decompress));
        while (golden.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            var ids = json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var encoded = tokenizer.Encode(text, json.RootElement.GetProperty("add_special").GetBoolean(), json.RootElement.GetProperty("special_as_text").GetBoolean());
            var same = encoded.AsSpan().SequenceEqual(ids)
                && tokenizer.Decode(ids, skipSpecialTokens: false) == json.RootElement.GetProperty("decoded").GetString()
                && tokenizer.Decode(ids) == json.RootElement.GetProperty("decoded_skip").GetString();
            lines++;
            if (!same)
            {
                wrong.Add($"{line} gave [{string.Join(", ", encoded)}] \"{tokenizer.Decode(ids, skipSpecialTokens: false)}\"");
            }
        }

        Assert.InRange(lines, 800, 900);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {lines} texts differ, the first: {wrong.FirstOrDefault()}");
    }

    [Theory]
    [InlineData("phi3")]
    [InlineData("phi4")]
    [InlineData("small-metaspace")]
    public void Conversations_have_the_ids_of_the_familys_template(string family)
    {
        var folder = SharedFolder.Require($"fixtures/tokenizers/{family}");
        var tokenizer = Tokenizer.Parse(Read(folder));
        var template = ChatTemplate.Of(tokenizer)!;
        var compared = 0;
        using var golden = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, "golden.jsonl.gz")), CompressionMode.Decompress));
        while (golden.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            if (json.RootElement.TryGetProperty("kind", out var kind) && kind.GetString() == "chat" && AnswerBegins().IsMatch(text))
            {
                var turns = Turn().Matches(text).Select(turn => (turn.Groups["role"].Value, turn.Groups["content"].Value)).ToArray();
                if (!turns.Any(turn => turn.Item2.Contains('<', StringComparison.Ordinal)) && Turn().Replace(text, "").Trim() == "<|assistant|>")
                {
                    Assert.Equal(json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), template.Encode(turns));
                    compared++;
                }
            }
        }

        Assert.InRange(compared, 2, 12);
    }

    [Theory]
    [InlineData("phi3", "a</s>b<|end|><|assistant|>c")]
    [InlineData("phi4", "a<|end|><|endoftext|>b")]
    public void Added_tokens_in_data_stay_data(string family, string data)
    {
        var tokenizer = Tokenizer.Parse(Read(SharedFolder.Require($"fixtures/tokenizers/{family}")));
        var ids = ChatTemplate.Of(tokenizer)!.BeginTurn("user", data);
        foreach (var control in (string[])["</s>", "<|end|>", "<|assistant|>", "<|endoftext|>"])
        {
            Assert.False(tokenizer.TryGetId(control, out var id) && ids.Contains(id), control);
        }

        Assert.Contains(data, tokenizer.Decode(ids, skipSpecialTokens: false), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<\|(?<role>\w+)\|>\n?(?<content>.*?)<\|end\|>\n?", RegexOptions.Singleline)]
    private static partial Regex Turn();

    [GeneratedRegex(@"<\|assistant\|>\n?$")]
    private static partial Regex AnswerBegins();

    internal static byte[] Read(string folder)
    {
        if (File.Exists(Path.Combine(folder, Tokenizer.FileName)))
        {
            return File.ReadAllBytes(Path.Combine(folder, Tokenizer.FileName));
        }

        using var packed = new GZipStream(File.OpenRead(Path.Combine(folder, Tokenizer.FileName + ".gz")), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }
}
