using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace EdgeGateway.Tests.Architecture;

/// <summary>The files that images are built from, held against each other.</summary>
public class ImageFilesTests
{
    private static readonly string Root = SharedFolder.RepositoryRoot;

    public static TheoryData<string> Modules => ["EdgeGateway", "SensorSimulator"];

    [Theory]
    [MemberData(nameof(Modules))]
    public void The_files_of_both_platforms_differ_in_what_they_are_built_for_alone(string module)
    {
        (string Of, string For)[] words = [("linux-x64", "linux-arm64"), ("linux/amd64", "linux/arm64"), ("Dockerfile.amd64", "Dockerfile.arm64v8")];
        Assert.Equal(words.Aggregate(Dockerfile(module, "amd64"), (text, word) => text.Replace(word.Of, word.For, StringComparison.Ordinal)), Dockerfile(module, "arm64v8"));
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void They_and_module_json_say_the_version_of_the_build(string module)
    {
        var version = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        var tag = JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "modules", module, "module.json")))!["image"]!["tag"]!;
        Assert.Equal(version, (string?)tag["version"]);
        foreach (var (platform, file) in tag["platforms"]!.AsObject())
        {
            var text = Dockerfile(module, platform);
            Assert.Equal($"./Dockerfile.{platform}", (string?)file);
            Assert.Contains($"-sv {version} ", text, StringComparison.Ordinal);
            Assert.Contains($"org.opencontainers.image.version=\"{version}\"", text, StringComparison.Ordinal);
        }
    }

    private static string Dockerfile(string module, string platform) => File.ReadAllText(Path.Combine(Root, "modules", module, $"Dockerfile.{platform}"));
}
