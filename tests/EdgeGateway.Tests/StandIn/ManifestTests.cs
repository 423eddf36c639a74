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

/// <summary>The manifests of <c>deployment/manifests</c>, a base and layers over it, and the template as the tools of IoT Edge make a manifest of it.</summary>
public class ManifestTests
{
    private const string Module = "edgeGateway";
    private const string Template = "template";
    private const string Digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly string Folder = PathOf("deployment", "manifests");
    private static readonly string[] Layers = ["site-north", "model-release", "adapter-release"];

    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!), Template];

    /// <summary>What brings a whole edge.</summary>
    public static TheoryData<string> Edges => ["base", Template];

    public static TheoryData<string> Queries => [.. Directory.EnumerateFiles(PathOf("deployment", "metrics")).Select(file => Path.GetRelativePath(SharedFolder.RepositoryRoot, file)), "docs/deployment.md"];

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
    [InlineData("registry.example:5000/edgegateway", true)]
    [InlineData("registry.example/edgegateway:0.1.0", true)]
    [InlineData("registry.example/edgegateway" + Digest, true)]
    [InlineData("registry.example/edgegateway:0.1.0" + Digest, false)]
    [InlineData("registry.example/edgegateway@sha256:0123", false)]
    [InlineData("registry.example/EdgeGateway", false)]
    public async Task An_image_is_named_by_tag_or_by_digest_as_edgeAgent_takes_no_name_with_both(string image, bool isTaken)
    {
        var manifest = Content("base");
        Agent(manifest)["modules"]![Module]!["settings"]!["image"] = image;
        Assert.Equal(isTaken, (await JsonSchema.FromJsonAsync(ManifestSchema.Text, TestContext.Current.CancellationToken)).Validate(manifest.ToJsonString()).Count == 0);
    }

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
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void Every_module_is_always_started_again_and_edgeHub_comes_first(string name)
    {
        var agent = Agent(Content(name));
        var modules = agent["modules"]!.AsObject();
        Assert.All(modules.Append(KeyValuePair.Create("edgeHub", agent["systemModules"]!["edgeHub"])), module =>
            Assert.Equal(("docker", "running", "always"), ((string)module.Value!["type"]!, (string)module.Value["status"]!, (string)module.Value["restartPolicy"]!)));
        Assert.Equal(0, (int)agent["systemModules"]!["edgeHub"]!["startupOrder"]!);
        Assert.All(modules, module => Assert.InRange(Encoding.UTF8.GetByteCount((string)module.Value!["settings"]!["createOptions"]!), 2, 8 * 512));
        Assert.InRange(Encoding.UTF8.GetByteCount(agent.ToJsonString()), 1, TwinRules.LargestSection);
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void Alerts_alone_go_upstream_first_of_all_and_for_weeks_if_need_be(string name)
    {
        var route = Assert.Single(Content(name)["modulesContent"]!["$edgeHub"]!["properties.desired"]!["routes"]!.AsObject()).Value!;
        Assert.Equal("FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream", (string)route["route"]!);
        Assert.Equal(0, (int)route["priority"]!);
        Assert.InRange((int)route["timeToLiveSecs"]!, 7 * 86_400, int.MaxValue);
        Assert.Equal("/messages/modules/edgeGateway/outputs/alerts", Assert.Single(Manifest.Parse(Content(name).ToJsonString(), name).Routes).Source);
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void Our_modules_get_no_right_that_they_do_not_need_and_what_each_writes_is_bounded(string name)
    {
        var all = CreateOptions(name);
        Assert.All(all.Values, options => Assert.NotNull(options["HostConfig"]!["LogConfig"]!["Config"]!["max-size"]));
        Assert.All(all.Values, options => Assert.NotNull(options["HostConfig"]!["LogConfig"]!["Config"]!["max-file"]));
        Assert.All(all.Where(m => m.Key is not ("edgeAgent" or "edgeHub" or "mosquitto")), ours =>
        {
            var host = ours.Value["HostConfig"]!;
            Assert.Equal((true, "ALL", "no-new-privileges"), ((bool)host["ReadonlyRootfs"]!, (string?)host["CapDrop"]![0], (string?)host["SecurityOpt"]![0]));
            Assert.Equal((512 << 20, 512 << 20), ((int)host["Memory"]!, (int)host["MemorySwap"]!));
            Assert.InRange((int)host["PidsLimit"]!, 1, 256);
        });
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void What_must_not_be_lost_outlives_its_container(string name)
    {
        var all = CreateOptions(name);
        foreach (var system in new[] { "edgeAgent", "edgeHub" })
        {
            // without it a new container of edgeHub loses what waits for the cloud
            var folder = (string)Agent(Content(name))["systemModules"]![system]!["env"]!["storageFolder"]!["value"]!;
            Assert.Contains(Binds(all[system]), bind => bind.Host.StartsWith('/') && bind.Target == folder && !bind.IsReadOnly);
        }

        foreach (var (module, folder) in new[] { (Module, "/data"), ("mosquitto", "/mosquitto/data") })
        {
            // a named volume takes over whom the folder of the image belongs to
            Assert.Contains(Binds(all[module]), bind => !bind.Host.StartsWith('/') && bind.Target == folder && !bind.IsReadOnly);
            Assert.InRange((int)all[module]["StopTimeout"]!, 10, 60);
        }
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void No_module_sees_files_of_another_and_ours_sees_those_that_its_settings_name(string name)
    {
        var all = CreateOptions(name).SelectMany(m => Binds(m.Value).Select(bind => (Module: m.Key, Bind: bind))).ToList();
        Assert.All(all, one => Assert.DoesNotContain(all, other => other != one && (other.Bind.Host + "/").StartsWith(one.Bind.Host + "/", StringComparison.Ordinal)));
        var broker = Content(name)["modulesContent"]![Module]!["properties.desired.broker"]!;
        var settings = Assert.Single(all, one => one.Module == Module && one.Bind.Target != "/data").Bind;
        Assert.True(settings.IsReadOnly);
        Assert.All(new[] { (string)broker["caFile"]!, (string)broker["passwordFile"]! }, file => Assert.Equal(settings.Target, Path.GetDirectoryName(file)));
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void The_broker_is_the_one_of_deployment_mosquitto_with_its_users(string name)
    {
        var mosquitto = CreateOptions(name)["mosquitto"];
        Assert.Equal(["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"], Words(mosquitto["Cmd"]));
        Assert.Contains(Binds(mosquitto), bind => bind.Target == "/mosquitto/config" && bind.IsReadOnly);
        var listener = Regex.Match(File.ReadAllText(PathOf("deployment", "mosquitto", "mosquitto.conf")), @"^listener (\d+)$", RegexOptions.Multiline).Groups[1].Value;
        var rights = MosquittoRights().Select(right => right.User).ToHashSet();
        var broker = Content(name)["modulesContent"]![Module]!["properties.desired.broker"]!;
        Assert.Equal(("mosquitto", listener), ((string)broker["host"]!, broker["port"]!.ToJsonString()));
        Assert.Contains((string)broker["user"]!, rights);
        if (CreateOptions(name).TryGetValue("sensorSimulator", out var simulator))
        {
            var words = Words(simulator["Cmd"]);
            string After(string option) => words[Array.IndexOf(words, option) + 1];
            Assert.Equal(("mosquitto", listener), (After("--host"), After("--port")));
            Assert.Contains(After("--user"), rights);
            Assert.All(new[] { After("--ca-file"), After("--password-file") }, file => Assert.Contains(Binds(simulator), bind => bind.Target == Path.GetDirectoryName(file) && bind.IsReadOnly));
        }
    }

    [Fact]
    public void The_settings_of_the_Kubernetes_example_can_be_used()
    {
        var yaml = Kubernetes("edgegateway.yaml");
        var read = SettingsReader.Read(Encoding.UTF8.GetBytes(Block(yaml, "gateway.json")), "gateway.json");
        Assert.Empty(read.Errors);
        Assert.Empty(read.UnknownKeys);
        Assert.Equal(int.Parse(Regex.Match(yaml, @"replicas: (\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), read.Settings!.Partition.Of);
    }

    [Fact]
    public void The_gateways_of_the_Kubernetes_example_name_the_service_that_the_operator_makes_for_its_broker()
    {
        var broker = JsonNode.Parse(Block(Kubernetes("edgegateway.yaml"), "gateway.json"))!["broker"]!;
        var emqx = Kubernetes("emqx.yaml");
        Assert.Equal((string?)broker["host"], Regex.Match(emqx, @"kind: EMQX\nmetadata:\n  name: (\S+)").Groups[1].Value + "-listeners");
        Assert.Equal(broker["port"]!.ToJsonString(), Regex.Match(emqx, @"listeners\.ssl\.default \{\n +bind = ""0\.0\.0\.0:(\d+)""").Groups[1].Value);
        Assert.Contains($"{broker["user"]},...,false", Kubernetes("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_secret_and_configuration_that_the_Kubernetes_example_mounts_is_made()
    {
        var files = Kubernetes("edgegateway.yaml") + Kubernetes("emqx.yaml");
        var used = Regex.Matches(files, @"(?:secretName|configMap: \{ name): ([\w-]+)").Select(m => m.Groups[1].Value);
        var made = Regex.Matches(Kubernetes("README.md") + files, @"kubectl create (?:configmap|secret generic|secret tls) ([\w-]+)|kind: ConfigMap\nmetadata:\n  name: ([\w-]+)").Select(m => m.Groups[1].Value + m.Groups[2].Value);
        Assert.Equal(made.Order(), used.Order());
    }

    [Fact]
    public void Its_users_have_the_rights_that_they_have_at_Mosquitto()
    {
        var lines = Block(Kubernetes("emqx.yaml"), "acl.conf").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("{deny, all}.", lines[^1]);
        var rights = lines[..^1].Select(line => Regex.Match(line, @"^\{allow, \{username, ""(\w+)""\}, (subscribe|publish), \[(.+)\]\}\.$")).SelectMany(m => m.Groups[3].Value.Split(", ").Select(topic => (m.Groups[1].Value, m.Groups[2].Value, topic.Trim('"'))));
        Assert.Equal(MosquittoRights().Order(), rights.Order());
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task What_the_queries_ask_for_is_reported(string file)
    {
        var text = await File.ReadAllTextAsync(PathOf(file), TestContext.Current.CancellationToken);
        var reported = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("deployment", "twin", "reported.schema.json"), TestContext.Current.CancellationToken))!;
        var paths = Regex.Matches(text, @"properties\.reported\.([A-Za-z.]+)").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.NotNull(path.Split('.').Aggregate(reported, (at, name) => Property(reported, at!, name)!)));
    }

    [Fact]
    public void A_section_that_is_refused_shows_in_the_metric_whatever_its_name()
    {
        var settings = new LayeredSettings([new SettingsLayer(Encoding.UTF8.GetBytes("""{ "schema": 1, "gateway": "edge-1-edgeGateway" }"""), "identity")]);
        settings.Take(1, new JsonObject(SettingsSchema.KeysByLevel[""].Where(name => name != "schema").Select(name => KeyValuePair.Create<string, JsonNode?>(name, true))));
        Assert.All(settings.Statuses, section => Assert.True(section.Key == "twin" || section.Value.Status == 400, section.Key));
        Assert.All(settings.Statuses.Keys, name => Assert.Contains($"properties.reported.{name}.status > 200", Metric("base", "notInForce"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("model-release", "model")]
    [InlineData("adapter-release", "adapters.pumps")]
    public void The_metrics_of_a_release_ask_for_the_release_of_its_manifest(string name, string section)
    {
        var release = (int)Content(name)["modulesContent"]![Module]!["properties.desired." + section]!["release"]!;
        Assert.EndsWith($"properties.reported.slots.{section}.active.release = {release}", Metric(name, "adopted"), StringComparison.Ordinal);
        Assert.EndsWith($"properties.reported.slots.{section}.refused.release = {release}", Metric(name, "refused"), StringComparison.Ordinal);
    }

    private static string Metric(string name, string metric) =>
        (string)JsonNode.Parse(File.ReadAllText(PathOf("deployment", "metrics", name + ".json")))!["queries"]![metric]!;

    /// <summary>Where a schema says what a member may be, through references and alternatives; a section that is not named in it is like every other.</summary>
    private static JsonNode? Property(JsonNode root, JsonNode at, string name)
    {
        at = (string?)at["$ref"] is { } reference ? root["definitions"]![reference.Split('/')[^1]]! : at;
        at = at["oneOf"] is JsonArray ways ? ways.First(way => way!["properties"] is not null)! : at;
        return at["properties"]?[name] ?? at["additionalProperties"] as JsonObject;
    }

    private static JsonObject Content(string name) => name == Template ? Expanded() : (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!["content"]!;

    /// <summary>The template as the tools of IoT Edge expand it: names of the images that they built and the values of <c>.env</c> are put in, create options become texts.</summary>
    private static JsonObject Expanded()
    {
        var values = File.ReadLines(PathOf("deployment", ".env.example")).Where(line => !line.StartsWith('#')).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        foreach (var module in new[] { "EdgeGateway", "SensorSimulator" })
        {
            var image = JsonNode.Parse(File.ReadAllText(PathOf("modules", module, "module.json")))!["image"]!;
            values.Add("MODULES." + module, $"{Filled((string)image["repository"]!, values)}:{image["tag"]!["version"]}-amd64");
        }

        var manifest = JsonNode.Parse(Filled(File.ReadAllText(PathOf("deployment.template.json")), values))!.AsObject();
        manifest.Remove("$schema-template");
        foreach (var module in Modules(manifest))
        {
            var settings = module.Value!["settings"]!;
            settings["createOptions"] = settings["createOptions"]!.ToJsonString();
        }

        return manifest;
    }

    private static string Filled(string text, Dictionary<string, string> values) => Regex.Replace(text, @"\$\{([\w.]+)\}", m => values[m.Groups[1].Value]);

    private static JsonObject Agent(JsonObject manifest) => manifest["modulesContent"]!["$edgeAgent"]!["properties.desired"]!.AsObject();

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Modules(JsonObject manifest) => Agent(manifest)["systemModules"]!.AsObject().Concat(Agent(manifest)["modules"]!.AsObject());

    private static Dictionary<string, JsonNode> CreateOptions(string name) => Modules(Content(name)).ToDictionary(m => m.Key, m => JsonNode.Parse((string)m.Value!["settings"]!["createOptions"]!)!);

    private static IEnumerable<(string Host, string Target, bool IsReadOnly)> Binds(JsonNode options) =>
        Words(options["HostConfig"]!["Binds"]).Select(bind => bind.Split(':')).Select(parts => (parts[0], parts[1], parts is [_, _, "ro"]));

    private static string[] Words(JsonNode? list) => [.. list!.AsArray().Select(word => (string)word!)];

    /// <summary>Who may do what at a Mosquitto with the ACL of <c>deployment/mosquitto</c>.</summary>
    private static IEnumerable<(string User, string Action, string Topic)> MosquittoRights()
    {
        var user = "";
        foreach (var words in File.ReadLines(PathOf("deployment", "mosquitto", "acl")).Select(line => line.Split(' ')))
        {
            user = words[0] == "user" ? words[1] : user;
            foreach (var (right, action) in new[] { ("read", "subscribe"), ("write", "publish") })
            {
                if (words[0] == "topic" && words[1].Contains(right, StringComparison.Ordinal))
                {
                    yield return (user, action, words[2]);
                }
            }
        }
    }

    private static string Kubernetes(string file) => File.ReadAllText(PathOf("deployment", "kubernetes", file));

    /// <summary>A file within a ConfigMap.</summary>
    private static string Block(string yaml, string name) => Regex.Match(yaml, Regex.Escape(name) + @": \|\n((?:    .*\n)+)").Groups[1].Value;

    private static string PathOf(params string[] parts) => Path.Combine([SharedFolder.RepositoryRoot, .. parts]);

    private static JsonObject Desired(JsonObject twin)
    {
        var desired = (JsonObject)twin["desired"]!.DeepClone();
        desired.Remove("$version");
        return desired;
    }

    private static IEnumerable<string[]> Orders() =>
        from a in Layers from b in Layers from c in Layers where a != b && b != c && a != c select new[] { "base", a, b, c };
}
