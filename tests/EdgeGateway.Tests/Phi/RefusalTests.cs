using System.Text.Json;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Onnx;
using Google.Protobuf;

namespace EdgeGateway.Tests.Phi;

public sealed class RefusalTests
{
    public static TheoryData<string> Broken
    {
        get
        {
            var data = new TheoryData<string>();
            var file = Path.Combine(SharedFolder.RepositoryRoot, "..", "shared", "fixtures", "refuse", "expect.json");
            if (File.Exists(file))
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(file));
                data.AddRange(json.RootElement.EnumerateObject().Select(entry => entry.Name).ToArray());
            }
            else
            {
                data.Add("type-llama");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_or_foreign_folder_is_refused_by_name(string name)
    {
        var folder = SharedFolder.Require($"fixtures/refuse/{name}");
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("fixtures/refuse/expect.json")));
        var refusal = Assert.Throws<ModelRefusedException>(() => PhiModel.Load(folder).Dispose());
        foreach (var word in json.RootElement.GetProperty(name).GetProperty("mentions").EnumerateArray())
        {
            Assert.Contains(word.GetString()!, refusal.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain(folder, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Longrope_table_that_ends_before_its_switch_is_refused()
    {
        using var folder = new TemporaryFolder().With(Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "models", "phi4-longrope"));
        PhiModel.Load(folder.Path).Dispose();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("model.onnx")));
        var length = model.Graph.Node.Single(node => node.OpType == "Greater").Input[1];
        model.Graph.Initializer.Single(weight => weight.Name == length).RawData = ByteString.CopyFrom(BitConverter.GetBytes(25L));
        File.WriteAllBytes(folder.File("model.onnx"), model.ToByteArray());
        Assert.Equal(RefusalReason.ConfigDisagrees, Assert.Throws<ModelRefusedException>(() => PhiModel.Load(folder.Path).Dispose()).Reason);
    }
}
