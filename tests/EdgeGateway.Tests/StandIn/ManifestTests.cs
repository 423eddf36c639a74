using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeGateway.Settings;
using EdgeGateway.Twin;
using Hubstand;
using Hubstand.Routes;
using Hubstand.Twins;
using NJsonSchema;

namespace EdgeGateway.Tests.StandIn;

/// <summary>The manifests of <c>deployment/manifests</c>: a base, and layers over it.</summary>
public class ManifestTests
{
    private const string Module = "edgeGateway";
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "deployment", "manifests");
    private static readonly string[] Layers = ["site-north", "model-release", "adapter-release"];

    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_has_the_form_that_IoT_Edge_takes(string name)
    {
        var schema = await JsonSchema.FromJsonAsync(ManifestSchema.Text, TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(Content(name).ToJsonString()));
    }

    [Theory]
    [InlineData("""{ "modulesContent": { "$edgeAgent": { "properties.desired": { "schemaVersion": "2.0" } } } }""")]
    [InlineData("""{ "modulesContent": { "$edgeHub": { "properties.desired.routes.a": { "route": "FROM /* INTO $upstream", "priority": 10 } } } }""")]
    [InlineData("""{ "modulesContent": { "m": { "desired": {} } } }""")]
    [InlineData("""{ "modules": {} }""")]
    public async Task The_schema_refuses_what_IoT_Edge_refuses(string manifest) =>
        Assert.NotEmpty((await JsonSchema.FromJsonAsync(ManifestSchema.Text, TestContext.Current.CancellationToken)).Validate(manifest));

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_it_says_to_our_module_is_in_dotted_sections_and_fits_our_schema(string name)
    {
        var schema = await JsonSchema.FromJsonAsync(SettingsSchema.TwinText(), TestContext.Current.CancellationToken);
        var deployed = Content(name)["modulesContent"]![Module]!.AsObject();
        Assert.DoesNotContain(Deployment.Whole, deployed.Select(p => p.Key));
        Assert.DoesNotContain(deployed, p => p.Key.Contains("gateway", StringComparison.Ordinal));
        Assert.Empty(schema.Validate(Deployment.Over([], deployed).ToJsonString()));
        Assert.Null(TwinRules.Check(Deployment.Over([], deployed)));
    }

    [Fact]
    public void No_layer_wipes_what_another_says()
    {
        var keys = Layers.Prepend("base").SelectMany(name => Content(name)["modulesContent"]!.AsObject().SelectMany(m => m.Value!.AsObject().Select(p => (Layer: name, Path: $"{m.Key}/{p.Key}")))).ToList();
        Assert.All(keys, one => Assert.DoesNotContain(keys, other => other.Layer != one.Layer && (other.Path == one.Path || other.Path.StartsWith(one.Path + ".", StringComparison.Ordinal))));
        var whole = Orders().Select(order => order.Aggregate(new JsonObject(), (desired, name) => Deployment.Over(desired, Content(name)["modulesContent"]![Module]!.AsObject()))).ToList();
        Assert.All(whole, one => Assert.True(JsonNode.DeepEquals(whole[0], one), one.ToJsonString()));
    }

    [Fact]
    public async Task All_layers_together_are_a_gateway_that_runs_on_them()
    {
        var manifest = Content("base").ToJsonString();
        await using var stand = await HubStand.StartAsync(new HubStandOptions { Manifest = manifest });
        var name = stand.NameOf(Module);
        foreach (var layer in Layers)
        {
            stand.ReplaceDesired(name, Deployment.Over(Desired(stand.Twin(name)), Content(layer)["modulesContent"]![Module]!.AsObject()));
        }

        var settings = new LayeredSettings([new SettingsLayer(Encoding.UTF8.GetBytes("""{ "schema": 1, "gateway": "edge-1-edgeGateway" }"""), "identity")]);
        var read = settings.Take(1, Desired(stand.Twin(name)));
        Assert.Empty(read.Errors);
        Assert.All(settings.Statuses.Values, status => Assert.Equal((200, ""), (status.Status, status.Error)));
        Assert.Equal((2, 7, 3, AlertMode.Observe), (read.Settings!.Sources.Length, read.Settings.Targets.Model!.Release, read.Settings.Targets.Adapters["pumps"].Release, read.Settings.Alerts.Mode));
        Assert.Equal("/messages/modules/edgeGateway/outputs/alerts", Assert.Single(Manifest.Parse(manifest, "base").Routes).Source);
    }

    [Fact]
    public void Our_module_gets_no_right_that_it_does_not_need_and_what_it_writes_is_bounded()
    {
        var agent = Content("base")["modulesContent"]!["$edgeAgent"]!["properties.desired"]!.AsObject();
        Assert.InRange(Encoding.UTF8.GetByteCount(agent.ToJsonString()), 1, TwinRules.LargestSection);
        var all = agent["systemModules"]!.AsObject().Concat(agent["modules"]!.AsObject()).ToDictionary(m => m.Key, m => JsonNode.Parse((string)m.Value!["settings"]!["createOptions"]!)!);
        Assert.All(all.Values, options => Assert.NotNull(options["HostConfig"]!["LogConfig"]!["Config"]!["max-size"]));
        var (ours, host) = (all[Module], all[Module]["HostConfig"]!);
        Assert.Equal((true, "ALL", "no-new-privileges"), ((bool)host["ReadonlyRootfs"]!, (string?)host["CapDrop"]![0], (string?)host["SecurityOpt"]![0]));
        Assert.Equal((512 << 20, 512 << 20), ((int)host["Memory"]!, (int)host["MemorySwap"]!));
        Assert.InRange((int)ours["StopTimeout"]!, 10, 60);
        foreach (var system in new[] { "edgeAgent", "edgeHub" })
        {
            // without it a restart of edgeHub loses what waits for the cloud
            var folder = (string)agent["systemModules"]![system]!["env"]!["storageFolder"]!["value"]!;
            Assert.EndsWith(":" + folder, (string?)all[system]["HostConfig"]!["Binds"]![0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_settings_of_the_Kubernetes_example_can_be_used()
    {
        var yaml = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "deployment", "kubernetes", "edgegateway.yaml"));
        var json = Regex.Match(yaml, @"gateway\.json: \|\n((?:    .*\n)+)").Groups[1].Value;
        var read = SettingsReader.Read(Encoding.UTF8.GetBytes(json), "gateway.json");
        Assert.Empty(read.Errors);
        Assert.Empty(read.UnknownKeys);
        Assert.Equal(int.Parse(Regex.Match(yaml, @"replicas: (\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), read.Settings!.Partition.Of);
    }

    [Theory]
    [InlineData("deployment", "metrics.json")]
    [InlineData("docs", "deployment.md")]
    public async Task What_the_queries_ask_for_is_reported(string folder, string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, folder, file), TestContext.Current.CancellationToken);
        var reported = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, "deployment", "twin", "reported.schema.json"), TestContext.Current.CancellationToken))!;
        var paths = Regex.Matches(text, @"properties\.reported\.([A-Za-z.]+)").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.NotNull(path.Split('.').Aggregate(reported, (at, name) => Property(reported, at!, name)!)));
    }

    /// <summary>Where a schema says what a member may be, through references and alternatives; a section that is not named in it is like every other.</summary>
    private static JsonNode? Property(JsonNode root, JsonNode at, string name)
    {
        at = (string?)at["$ref"] is { } reference ? root["definitions"]![reference.Split('/')[^1]]! : at;
        at = at["oneOf"] is JsonArray ways ? ways.First(way => way!["properties"] is not null)! : at;
        return at["properties"]?[name] ?? at["additionalProperties"] as JsonObject;
    }

    private static JsonObject Content(string name)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!.AsObject();
        return (JsonObject)manifest["content"]!;
    }

    private static JsonObject Desired(JsonObject twin)
    {
        var desired = (JsonObject)twin["desired"]!.DeepClone();
        desired.Remove("$version");
        return desired;
    }

    private static IEnumerable<string[]> Orders() =>
        from a in Layers from b in Layers from c in Layers where a != b && b != c && a != c select new[] { "base", a, b, c };
}
