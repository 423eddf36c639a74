using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Settings;
using EdgeGateway.Twin;

namespace EdgeGateway.Tests.Twin;

/// <summary>Site files, and the twin over them, as section 7 of the design says.</summary>
public class LayeredSettingsTests
{
    private const string Site = """
        { "schema": 1, "gateway": "north-3", "broker": { "host": "mosquitto" }, "detection": { "threshold": 1, "budget": 50 },
          "sources": { "tank": { "topic": "plant/tank/level" }, "pumps": { "topic": "plant/pump/{p}" } } }
        """;

    private readonly LayeredSettings layers = New(Site);

    [Fact]
    public void Sources_merge_by_name_and_other_sections_replace_whole()
    {
        var settings = Take(1, """{ "sources": { "pumps": { "topic": "hall/{p}" }, "fans": { "topic": "fan/{f}" } }, "detection": { "budget": 20 } }""").Settings!;
        Assert.Equal(["tank plant/tank/level", "pumps hall/{p}", "fans fan/{f}"], settings.Sources.Select(s => $"{s.Name} {s.Topic}"));
        Assert.Null(settings.Detection.Threshold);
        Assert.Equal(20, settings.Detection.BudgetPercent);
        Assert.All(layers.Statuses.Values, status => Assert.Equal(new SectionStatus(1, 200, ""), status));
    }

    [Fact]
    public void Maintenance_windows_merge_by_name_and_the_rest_of_alerts_replaces_whole()
    {
        const string window = """{ "assets": ["a"], "from": "2026-11-28T06:00Z", "until": "2026-11-28T07:00Z" }""";
        var alone = New(Settings.SettingsSamples.With(Site, "alerts", $$"""{ "maxPerHour": 5, "maintenance": { "wash": {{window}}, "oil": {{window}} } }"""));
        var others = window.Replace("\"a\"", "\"b\"", StringComparison.Ordinal);
        var patched = alone.Take(1, JsonNode.Parse($$"""{ "alerts": { "maintenance": { "oil": {{others}}, "wheel": {{window}} } } }""")!.AsObject()).Settings!.Alerts;
        Assert.Equal((60, "wash a, oil b, wheel a"), (patched.MaxPerHour, string.Join(", ", patched.Maintenance.Select(w => $"{w.Name} {w.Assets[0]}"))));
        Assert.Equal(["wash", "oil"], alone.Take(2, []).Settings!.Alerts.Maintenance.Select(w => w.Name));
    }

    [Fact]
    public void Each_section_is_valid_alone()
    {
        string[] siteOnly = ["hub", "model", "partition", "updates"];
        foreach (var section in JsonNode.Parse(Settings.SettingsSamples.Full)!.AsObject().Where(s => !siteOnly.Contains(s.Key)))
        {
            var alone = New(Site);
            Assert.NotNull(alone.Take(1, new JsonObject { [section.Key] = section.Value!.DeepClone() }).Settings);
            Assert.All(alone.Statuses.Values, status => Assert.Equal(200, status.Status));
        }
    }

    [Fact]
    public void A_bad_section_leaves_its_last_good_one_in_force_and_the_others_go_on()
    {
        Take(1, """{ "detection": { "threshold": 2 }, "alerts": { "clearAfter": "00:01:00" } }""");
        var settings = Take(2, """{ "detection": { "threshold": "high", "windows": 3 }, "alerts": { "clearAfter": "00:02:00" } }""").Settings!;
        Assert.Equal(2, settings.Detection.Threshold);
        Assert.Equal(TimeSpan.FromMinutes(2), settings.Alerts.ClearAfter);
        var status = layers.Statuses["detection"];
        Assert.Equal((2, 400), (status.Version, status.Status));
        Assert.Contains("detection.threshold is a text", status.Error, StringComparison.Ordinal);
        Assert.Contains("detection.windows is 3", status.Error, StringComparison.Ordinal);
        Assert.Equal(1, layers.Good["detection"].Version);
    }

    [Fact]
    public void A_section_that_leaves_the_twin_gives_way_to_the_site_file()
    {
        Take(1, """{ "detection": { "threshold": 2 } }""");
        Assert.Equal(1, Take(2, "{}").Settings!.Detection.Threshold);
        Assert.Equal(["twin"], layers.Statuses.Keys);
    }

    [Fact]
    public void A_section_that_stays_as_it_is_keeps_the_version_that_brought_it()
    {
        Take(7, """{ "detection": { "threshold": 2 } }""");
        Take(8, """{ "detection": { "threshold": 2 }, "alerts": {} }""");
        Assert.Equal([7L, 8L, 8L], [layers.Statuses["detection"].Version, layers.Statuses["alerts"].Version, layers.Statuses["twin"].Version]);
    }

    [Fact]
    public void Unknown_keys_are_warnings_and_an_unknown_section_answers_404()
    {
        Assert.Equal(3, Take(1, """{ "detection": { "threshold": 3, "treshold": 4 }, "detections": {} }""").Settings!.Detection.Threshold);
        Assert.Equal(200, layers.Statuses["detection"].Status);
        Assert.Contains("detection.treshold is not a known key; did you mean threshold?", layers.Statuses["detection"].Error, StringComparison.Ordinal);
        Assert.Equal(404, layers.Statuses["detections"].Status);
        Assert.Contains("did you mean detection?", layers.Statuses["detections"].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", """{ "path": "/tmp/x" }""")]
    [InlineData("hub", """{ "port": 8884 }""")]
    [InlineData("updates", """{ "hosts": ["store.example"] }""")]
    public void A_model_folder_and_the_ways_to_hub_and_packages_are_the_site_files_to_name(string name, string value)
    {
        Take(1, $$"""{ "{{name}}": {{value}} }""");
        Assert.Equal((400, true), (layers.Statuses[name].Status, layers.Statuses[name].Error.Contains("site file alone", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_model_of_the_twin_leaves_the_folder_that_the_site_file_names_below_it_and_adapters_merge_by_name()
    {
        const string address = """ "url": "https://store.example/a/manifest.json", "sha256": "0000000000000000000000000000000000000000000000000000000000000000" """;
        var site = New($$"""{ "schema": 1, "gateway": "n", "broker": { "host": "b" }, "sources": { "t": { "topic": "a" } }, "model": { "path": "/m" }, "adapters": { "fans": { "release": 1, {{address}} } } }""");
        var settings = site.Take(1, Json($$"""{ "model": { "release": 7, {{address}} }, "adapters": { "pumps": { "release": 3, {{address}} } } }""")).Settings!;
        Assert.Equal(("/m", 7), (settings.ModelPath, settings.Targets.Model?.Release));
        Assert.Equal(["fans", "pumps"], settings.Targets.Adapters.Keys);
    }

    [Theory]
    [InlineData("twin")]
    [InlineData("heartbeat")]
    public void A_section_that_is_called_as_something_that_we_report_harms_nothing(string name)
    {
        Assert.Equal(2, Take(1, $$"""{ "{{name}}": { "time": "never" }, "detection": { "threshold": 2 } }""").Settings!.Detection.Threshold);
        Assert.Equal(new SectionStatus(1, 200, $"{name} is not a known key; remove it."), layers.Statuses["twin"]);
        Assert.Equal(["detection", "twin"], layers.Statuses.Keys);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("é")]
    public void A_section_of_an_unusual_name_is_not_known_and_not_kept(string name)
    {
        layers.Take(1, new JsonObject { [name] = new JsonObject() });
        Assert.Equal(404, layers.Statuses[name].Status);
        Assert.Empty(layers.Good);
    }

    [Fact]
    public void Sections_that_are_good_alone_are_not_called_in_force_while_there_are_no_settings()
    {
        var nothing = New("""{ "schema": 1, "gateway": "n" }""");
        Assert.Null(nothing.Take(1, Json("""{ "detection": { "threshold": 2 }, "operations": { "page": -1 } }""")).Settings);
        Assert.Equal([424, 400, 400], nothing.Statuses.Values.Select(s => s.Status));
        Assert.Contains("broker is missing", nothing.Statuses["twin"].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_twin_of_another_schema_changes_nothing()
    {
        Take(1, """{ "detection": { "threshold": 2 } }""");
        Assert.Equal(2, Take(2, """{ "schema": 2, "detection": { "threshold": 3 } }""").Settings!.Detection.Threshold);
        Assert.Equal((2, 400), (layers.Statuses["twin"].Version, layers.Statuses["twin"].Status));
        Assert.Equal(3, Take(3, """{ "schema": 1, "detection": { "threshold": 3 } }""").Settings!.Detection.Threshold);
    }

    [Fact]
    public void A_twin_that_is_too_large_changes_nothing()
    {
        Take(1, $$"""{ "detection": { "threshold": 2 }, "{{new string('x', 16_400)}}": 1 }""");
        Assert.Equal(413, layers.Statuses["twin"].Status);
        Assert.Empty(layers.Good);
    }

    [Fact]
    public void Sources_of_the_twin_that_clash_with_those_of_the_site_are_refused()
    {
        Take(1, """{ "sources": { "all": { "topic": "plant/#" } } }""");
        Assert.Equal(400, layers.Statuses["sources"].Status);
        Assert.Contains("overlaps with", layers.Statuses["sources"].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_below_the_twin_is_not_the_twins_fault_and_may_be_mended_by_it()
    {
        var broken = New("""{ "schema": 1, "gateway": "n", "broker": { "host": "" }, "sources": { "tank": { "topic": "t" } } }""");
        Assert.Null(broken.Take(1, Json("""{ "detection": { "threshold": 2 } }""")).Settings);
        Assert.Equal(424, broken.Statuses["detection"].Status);
        Assert.NotNull(broken.Take(2, Json("""{ "detection": { "threshold": 2 }, "broker": { "host": "b" } }""")).Settings);
    }

    [Fact]
    public void The_last_good_sections_go_on_over_site_files_that_changed_meanwhile()
    {
        Take(5, """{ "detection": { "threshold": 2 }, "sources": { "fans": { "topic": "fan/{f}" } } }""");
        var later = New(Site.Replace("plant/pump/{p}", "fan/{p}", StringComparison.Ordinal));
        var settings = later.Restore(layers.Good).Settings!;
        Assert.Equal(2, settings.Detection.Threshold);
        Assert.Equal(["tank", "pumps"], settings.Sources.Select(s => s.Name));
        Assert.Equal(5, later.Good["detection"].Version);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("""{ "tank": 5 }""")]
    [InlineData("""{ "tank": { "topic": ["a"] } }""")]
    [InlineData("""{ "tank": { "topic": "a\u0000b" } }""")]
    [InlineData("""{ "": { "topic": "a" } }""")]
    public void Hostile_sections_are_refused_in_words(string sources)
    {
        layers.Take(1, new JsonObject { ["sources"] = JsonNode.Parse(sources) ?? JsonValue.Create("null") });
        Assert.Equal(400, layers.Statuses["sources"].Status);
        Assert.InRange(layers.Statuses["sources"].Error.Length, 10, 400);
        Assert.DoesNotContain(layers.Statuses["sources"].Error, char.IsControl);
    }

    private SettingsReadResult Take(long version, string desired) => layers.Take(version, Json(desired));

    private static LayeredSettings New(string site) => new([new SettingsLayer(Encoding.UTF8.GetBytes(site), "site.json")]);

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
