using System.Text.Json.Nodes;
using EdgeGateway.Tests.ModelKit.Vectors;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.ModelKit;

public sealed class ModelVerifyCommandTests
{
    private static string Models { get; } = Path.Combine(VectorWriter.Folder, "models");

    [Theory]
    [InlineData]
    [InlineData("--pool")]
    public async Task Models_of_the_three_forms_give_the_answers_of_the_interpreted_graph(params string[] options)
    {
        var (code, output, error) = await Tool.RunAsync(["model", "verify", .. Directory.GetDirectories(Models).Order(StringComparer.Ordinal), .. options]);
        Assert.Equal("", error);
        Assert.EndsWith("\n23 cases pass, 0 fail; 0 tokens stand behind a near tie and were not compared.\n", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    [Theory]
    [InlineData("phi2", "33", "logits_last/ort/303", "whole prompt: logits differ by 0.5, more than 0.0002")]
    [InlineData("phi2", "33", "after_decode/ort/0", "after decoding: logits differ by 0.5, more than 0.0002")]
    [InlineData("phi2", "one", "new_tokens/7", "token 7 is ")]
    [InlineData("phi2", "text", "prompt_ids/0", "the text gives other ids")]
    [InlineData("phi4-longrope", "crossed", "new_tokens_recomputed/7", "token 7 is ")]
    public async Task One_number_changed_ends_with_3_and_names_the_case(string model, string name, string path, string problem)
    {
        using var folder = new TemporaryFolder().With(Path.Combine(Models, model));
        var reference = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("reference.json"), TestContext.Current.CancellationToken))!;
        JsonNode item = reference["cases"]!.AsArray().Single(one => (string?)one!["name"] == name)!;
        var steps = path.Split('/');
        var numbers = steps[..^1].Aggregate(item, (node, step) => node[step]!).AsArray();
        var at = int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture);
        numbers[at] = path.Contains("ort", StringComparison.Ordinal) ? (decimal)numbers[at]! + 0.5m : ((int)numbers[at]! + 1) % 256;
        await File.WriteAllTextAsync(folder.File("reference.json"), reference.ToJsonString(), TestContext.Current.CancellationToken);

        var (code, output, _) = await Tool.RunAsync("model", "verify", folder.Path);
        Assert.Equal(3, code);
        var failed = Assert.Single(output.Split('\n').Skip(1).SkipLast(2), line => !line.EndsWith(" pass", StringComparison.Ordinal));
        Assert.Contains($" {name} ", failed, StringComparison.Ordinal);
        Assert.Contains(problem, failed, StringComparison.Ordinal);
        Assert.Contains(" 1 fail;", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_reference_file_ends_with_2()
    {
        using var folder = new TemporaryFolder().With(Path.Combine(Models, "phi2"));
        File.Delete(folder.File("reference.json"));
        var (code, _, error) = await Tool.RunAsync("model", "verify", folder.Path);
        Assert.Equal(2, code);
        Assert.StartsWith($"{folder.File("reference.json")} cannot be read as a reference file (", error, StringComparison.Ordinal);
        Assert.EndsWith("; give a model folder that has one.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_the_engine_refuses_ends_with_4()
    {
        using var folder = new TemporaryFolder().With(Path.Combine(Models, "phi2"));
        File.Delete(folder.File("model.onnx.data"));
        var (code, _, error) = await Tool.RunAsync("model", "verify", folder.Path);
        Assert.Equal(4, code);
        Assert.Contains("model.onnx.data", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }
}
