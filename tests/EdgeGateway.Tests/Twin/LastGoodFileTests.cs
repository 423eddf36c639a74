using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Twin;

namespace EdgeGateway.Tests.Twin;

public sealed class LastGoodFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("last-good-");

    private string FilePath => Path.Combine(folder.FullName, "settings.last-good.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_written_is_read(bool hub)
    {
        Write(hub);
        var read = new LastGoodFile(folder.FullName).Read(out var problem)!;
        Assert.Null(problem);
        Assert.Equal(hub ? new HubIdentity("hub", "device", "module") : null, read.Identity);
        Assert.Equal((7L, """{"a":1}""", 5L), (read.Version, read.Desired.ToJsonString(), read.Good["detection"].Version));
        Assert.Equal("{ }", Encoding.UTF8.GetString(Assert.Single(read.Site).Json.Span));
    }

    [Fact]
    public void Without_a_file_there_is_nothing_and_no_problem()
    {
        Assert.Null(new LastGoodFile(folder.FullName).Read(out var problem));
        Assert.Null(problem);
    }

    [Fact]
    public void A_file_that_was_damaged_anywhere_is_read_or_named_and_never_ends_the_start()
    {
        Write(hub: true);
        var whole = File.ReadAllBytes(FilePath);
        string[] values = ["null", "5", "[]", "\"x\"", ""];
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 20], Gen.Int[0, values.Length - 1]).Sample(
            (at, length, value) =>
            {
                File.WriteAllText(FilePath, string.Concat(Encoding.UTF8.GetString(whole[..at]), values[value], Encoding.UTF8.GetString(whole[Math.Min(whole.Length, at + length)..])));
                if (new LastGoodFile(folder.FullName).Read(out var problem) is { } read)
                {
                    new LayeredSettings(read.Site).Restore(read.Good);
                }
                else
                {
                    Assert.NotNull(problem);
                }
            },
            threads: 1, iter: 2_000);
    }

    [Fact]
    public void A_section_without_a_value_is_named()
    {
        Write(hub: true);
        var json = JsonNode.Parse(File.ReadAllText(FilePath))!;
        json["good"]!["detection"]!["value"] = null;
        File.WriteAllText(FilePath, json.ToJsonString());
        Assert.Null(new LastGoodFile(folder.FullName).Read(out var problem));
        Assert.Contains("detection has no value", problem, StringComparison.Ordinal);
    }

    private void Write(bool hub) => Assert.Null(new LastGoodFile(folder.FullName).Write(new LastGood(
        hub ? new HubIdentity("hub", "device", "module") : null, 7, FakeHub.Json("""{"a":1}"""),
        ImmutableSortedDictionary<string, GoodSection>.Empty.Add("detection", new GoodSection(5, JsonNode.Parse("""{"threshold":2}""")!)), [new SettingsLayer("{ }"u8.ToArray(), "site.json")])));
}
