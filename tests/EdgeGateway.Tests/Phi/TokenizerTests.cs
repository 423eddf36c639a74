using System.IO.Compression;
using System.Text.Json;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

public sealed class TokenizerTests
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

    private static byte[] Read(string folder)
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
