using System.Text.Json;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi.Interpreter;

public sealed class ReferenceInterpreterTests
{
    private const float Tolerance = 2e-4f;

    /// <summary>Whatever model folders lie beside the checkout.</summary>
    public static TheoryData<string> Folders
    {
        get
        {
            var models = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "fixtures", "models");
            return Directory.Exists(models) ? new(Directory.GetDirectories(models).Select(folder => Path.GetFileName(folder)).Order()) : new("phi3-micro");
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Engine_and_reference_answers_agree_with_the_interpreted_graph(string name)
    {
        var folder = SharedFolder.Require($"fixtures/models/{name}");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "reference.json")));
        var interpreter = ReferenceInterpreter.Load(folder);
        using var model = PhiModel.Load(folder);
        foreach (var item in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            var prompt = item.GetProperty("prompt_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var adapter = item.GetProperty("adapter").GetString();
            var logits = interpreter.Logits(prompt, adapter is null ? null : Adapter(adapter));
            if (adapter is null)
            {
                AssertClose(logits, RandomModel.Logits(model, [], prompt), $"{name}, {item.GetProperty("name")}, engine");
            }

            if (item.TryGetProperty("logits_last", out var last))
            {
                var expected = last.TryGetProperty("ort_exact", out var exact) ? exact : last.GetProperty("ort");
                AssertClose(logits, [.. expected.EnumerateArray().Select(logit => logit.GetSingle())], $"{name}, {item.GetProperty("name")}, reference");
            }
        }

        // an adapter converted for the runtime (.onnx_adapter) lies beside the PEFT folder that it was made from
        PeftAdapter Adapter(string adapter)
        {
            var path = json.RootElement.GetProperty("adapters").GetProperty(adapter).GetString()!.Replace(".onnx_adapter", "", StringComparison.Ordinal);
            return PeftAdapter.Read(Path.Combine(folder, path), interpreter.QueriesPerKey);
        }
    }

    [Fact]
    public void Engine_agrees_with_the_interpreted_graph_of_the_built_in_model()
    {
        var interpreter = ReferenceInterpreter.Load(LoadedModel.BuiltIn);
        using var model = PhiModel.Load(LoadedModel.BuiltIn);
        var random = new Random(1);
        foreach (var length in (int[])[1, 2, model.Config.ContextLength])
        {
            var tokens = Enumerable.Range(0, length).Select(_ => random.Next(model.Config.VocabularySize)).ToArray();
            AssertClose(interpreter.Logits(tokens), RandomModel.Logits(model, [], tokens), $"{length} tokens");
        }
    }

    private static void AssertClose(float[] interpreted, float[] other, string what)
    {
        var difference = RandomModel.LargestDifference(interpreted, other);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {difference:0.0e-0}");
        Assert.True(difference <= Tolerance, $"{what}: differs from the interpreted graph by {difference}");
    }
}
