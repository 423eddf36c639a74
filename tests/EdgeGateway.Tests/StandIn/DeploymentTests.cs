using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;
using EdgeGateway.Twin;
using Hubstand;
using Hubstand.Identities;
using Hubstand.Routes;
using Hubstand.Twins;
using NJsonSchema;

namespace EdgeGateway.Tests.StandIn;

/// <summary>The deployment template, and deployments in layers over it (note 3.5).</summary>
public class DeploymentTests
{
    private const string Layer = """
        { "content": { "modulesContent": {
            "$edgeHub": { "properties.desired.routes.alerts": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream" },
            "edgeGateway": {
              "properties.desired.broker": { "host": "broker-2" },
              "properties.desired.detection": { "threshold": 2 },
              "properties.desired.sources.hall": { "topic": "hall/{fan}" } } } } }
        """;

    private static readonly string Template = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "deployment.template.json"));
    private static readonly JsonObject Content = JsonNode.Parse(Template)!["modulesContent"]!.AsObject();
    private static readonly JsonObject Agent = Content["$edgeAgent"]!["properties.desired"]!.AsObject();
    private static readonly JsonObject EdgeHub = Content["$edgeHub"]!["properties.desired"]!.AsObject();

    [Fact]
    public void The_schema_versions_are_those_that_the_runtime_takes()
    {
        Assert.Equal(("4.0.0", "1.1", "1.1"), ((string)JsonNode.Parse(Template)!["$schema-template"]!, (string)Agent["schemaVersion"]!, (string)EdgeHub["schemaVersion"]!));
        Assert.Throws<InvalidDataException>(() => Manifest.Parse(Template.Replace("\"schemaVersion\": \"1.1\"", "\"schemaVersion\": \"2.0\"", StringComparison.Ordinal), "it"));
    }

    [Fact]
    public async Task The_modules_twin_comes_in_dotted_sections_each_valid_alone_and_says_nothing_of_one_device()
    {
        var schema = await JsonSchema.FromJsonAsync(SettingsSchema.TwinText(), TestContext.Current.CancellationToken);
        foreach (var (name, value) in Content["edgeGateway"]!.AsObject())
        {
            Assert.StartsWith(Deployment.Whole + ".", name, StringComparison.Ordinal);
            Assert.NotEqual(Deployment.Whole + ".gateway", name);
            Assert.Empty(schema.Validate(new JsonObject { [name[(Deployment.Whole.Length + 1)..]] = value!.DeepClone() }.ToJsonString()));
        }

        var (read, statuses) = Taken(Deployment.Over([], Manifest.Parse(Template, "it").Desired["edgeGateway"]));
        Assert.Empty(read.Errors);
        Assert.All(statuses, status => Assert.Equal(200, status.Status));
    }

    [Fact]
    public async Task A_layer_replaces_its_sections_merges_its_sources_and_leaves_what_it_does_not_name()
    {
        var folder = Directory.CreateTempSubdirectory("hubstand-layers-");
        try
        {
            var options = new HubStandOptions { DataFolder = folder.FullName, Manifest = Template };
            IdentityName name;
            await using (var stand = await HubStand.StartAsync(options))
            {
                name = stand.NameOf("edgeGateway");
                stand.PatchDesired(name, JsonNode.Parse("""{ "alerts": { "clearAfter": "00:01:00" }, "broker": { "port": 1884 } }""")!.AsObject());
            }

            await using var layered = await HubStand.StartAsync(options with { Manifest = Layer });
            var desired = layered.Twin(name)["desired"]!.AsObject();
            Assert.Equal(3, (long)desired["$version"]!);
            desired.Remove("$version");
            var (read, statuses) = Taken(desired);
            var settings = read.Settings!;
            Assert.Equal(("broker-2", 1883, 2.0, TimeSpan.FromMinutes(1)), (settings.Broker!.Host, settings.Broker.Port, settings.Detection.Threshold, settings.Alerts.ClearAfter));
            Assert.Equal(["plant/#", "hall/{fan}"], settings.Sources.Select(s => s.Topic.ToString()));
            Assert.All(statuses, status => Assert.Equal(200, status.Status));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_higher_layer_with_all_desired_properties_overwrites_the_lower_ones() =>
        Assert.Equal("""{"detection":{"threshold":3}}""", Deployment.Over(JsonNode.Parse("""{"broker":{"host":"a"},"detection":{"threshold":2}}""")!.AsObject(), JsonNode.Parse("""{"properties.desired":{"detection":{"threshold":3}}}""")!.AsObject()).ToJsonString());

    /// <summary>What a gateway with nothing but its name makes of desired properties.</summary>
    private static (SettingsReadResult Read, IEnumerable<SectionStatus> Statuses) Taken(JsonObject desired)
    {
        var layers = new LayeredSettings([new SettingsLayer(Encoding.UTF8.GetBytes("""{ "schema": 1, "gateway": "edge-1-edgeGateway" }"""), "identity")]);
        return (layers.Take(1, desired), layers.Statuses.Values);
    }
}
