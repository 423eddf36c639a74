using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Commands;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Settings;
using NJsonSchema;

namespace EdgeGateway.Tests.Twin;

/// <summary>The schema of the desired properties, the document about them, and the code say the same.</summary>
public partial class TwinSchemaTests
{
    private static string PathOf(params string[] parts) => Path.Combine([SharedFolder.RepositoryRoot, .. parts]);

    [Fact]
    public void The_schema_in_deployment_is_the_one_that_the_gateway_prints() =>
        Assert.Equal(SettingsSchema.TwinText(), File.ReadAllText(PathOf("deployment", "twin", "desired.schema.json")));

    [Fact]
    public async Task Every_section_alone_is_valid_by_the_schema_and_what_belongs_to_the_site_file_is_not()
    {
        var schema = await JsonSchema.FromJsonAsync(SettingsSchema.TwinText(), TestContext.Current.CancellationToken);
        foreach (var section in JsonNode.Parse(SettingsSamples.Full)!.AsObject())
        {
            var siteOnly = section.Key is "hub" or "model" or "partition" or "updates";
            Assert.Equal(siteOnly, schema.Validate(new JsonObject { [section.Key] = section.Value!.DeepClone() }.ToJsonString()).Count > 0);
        }

        Assert.Empty(schema.Validate("""{ "sources": {} }"""));
    }

    [Fact]
    public void The_document_names_every_section_and_says_which_take_a_new_start_of_the_stages()
    {
        var rows = Row().Matches(File.ReadAllText(PathOf("docs", "formats", "twin.md"))).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        var sections = JsonNode.Parse(SettingsSchema.TwinText())!["properties"]!.AsObject().Select(p => p.Key).ToHashSet();
        Assert.Superset(sections, rows.Keys.ToHashSet());
        var now = SettingsSamples.Accepted(SettingsSamples.Minimal);
        foreach (var (name, when) in rows.Where(r => sections.Contains(r.Key) && r.Key != "schema"))
        {
            var then = SettingsReader.Read(
            [
                new SettingsLayer(Encoding.UTF8.GetBytes(SettingsSamples.Minimal), "minimal"),
                new SettingsLayer(Encoding.UTF8.GetBytes(new JsonObject { [name] = name == "gateway" ? "other" : JsonNode.Parse(SettingsSamples.Full)![name]!.DeepClone() }.ToJsonString()), "full"),
            ]).Settings!;
            Assert.True(GatewayRun.NeedsRestart(now, then) == when.Contains("new start", StringComparison.Ordinal), name);
        }
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
