using System.Text.Json;
using EdgeGateway.Phi;

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
}
