using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public sealed class SettingsFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("settings").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_site_file_alone_is_enough()
    {
        Assert.True(SettingsFiles.Load(Write("site.json", SettingsSamples.Minimal)).PassesCheck);
    }

    [Fact]
    public void Later_files_replace_sources_by_name_and_other_sections_whole()
    {
        var site = Write("site.json", SettingsSamples.With(SettingsSamples.Minimal, "broker.keepAlive", "\"00:01:00\""));
        Write("config.d/20-b.json", """{ "broker": { "host": "second" }, "sources": { "new": { "topic": "b" } } }""");
        Write("config.d/10-a.json", """{ "broker": { "host": "first" }, "sources": { "tank": { "topic": "moved" }, "new": { "topic": "a" } } }""");
        Write("config.d/notes.txt", "not read");

        var settings = SettingsFiles.Load(site).Settings!;

        Assert.Equal(("second", TimeSpan.FromSeconds(30)), (settings.Broker!.Host, settings.Broker.KeepAlive));
        Assert.Equal([("tank", "moved"), ("new", "b")], settings.Sources.Select(source => (source.Name, source.Topic.ToString())));
    }

    [Fact]
    public void The_parts_may_be_spread_over_the_files()
    {
        var site = Write("site.json", """{ "schema": 1, "gateway": "north-3" }""");
        Write("config.d/broker.json", """{ "broker": { "host": "mosquitto" } }""");
        Write("config.d/sources.json", """{ "sources": { "tank": { "topic": "level" } } }""");

        Assert.True(SettingsFiles.Load(site).PassesCheck);
    }

    [Fact]
    public void Each_problem_names_its_file()
    {
        var site = Write("site.json", SettingsSamples.With(SettingsSamples.Minimal, "broker.prt", "1"));
        var extra = Write("config.d/extra.json", """{ "schema": 2, "sources": { "other": { "topic": "plant/#" } } }""");

        var result = SettingsFiles.Load(site);

        Assert.Equal([(extra, "schema"), (extra, "sources.other.topic")], result.Errors.Select(error => (error.Origin, error.Path)));
        Assert.Equal((site, "broker.prt"), result.UnknownKeys.Select(key => (key.Origin, key.Path)).Single());
    }

    [Fact]
    public void A_file_that_is_not_json_hides_no_missing_key_errors_behind_it()
    {
        var site = Write("site.json", """{ "schema": 1 }""");
        var extra = Write("config.d/extra.json", "{");

        Assert.Equal(extra, Assert.Single(SettingsFiles.Load(site).Errors).Origin);
    }

    [Fact]
    public void A_missing_file_is_one_sentence()
    {
        var missing = Path.Combine(folder, "nowhere", "site.json");

        Assert.Equal(
            $"{missing}: the document does not exist; name the settings file with --config.",
            Assert.Single(SettingsFiles.Load(missing).Errors).ToString());
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_one_sentence() =>
        Assert.Contains("is a folder", Assert.Single(SettingsFiles.Load(folder).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_too_large_to_be_settings_is_not_read()
    {
        var path = Write("site.json", new string(' ', (4 << 20) + 1));

        Assert.Contains("more than", Assert.Single(SettingsFiles.Load(path).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Detection_alone_is_read_from_a_file_that_holds_nothing_else() => Assert.Equal(
        DetectionSettings.Default with { Windows = new WindowRule(3, 5) },
        SettingsFiles.LoadDetection(Write("policy.json", """{ "schema": 1, "detection": { "windows": "3 of 5" } }""")));

    [Fact]
    public void Detection_alone_is_that_of_the_last_file_whatever_else_is_in_them()
    {
        var site = Write("site.json", """{ "schema": 1, "gateway": "no name", "detection": { "windows": "3 of 5", "silence": 60 }, "broker": 7, "sources": { "a": { "topic": "+" } }, "partition": {}, "a b": 1 }""");
        Write("config.d/policy.json", """{ "detection": { "threshold": 1 } }""");

        Assert.Equal(DetectionSettings.Default with { Threshold = 1 }, SettingsFiles.LoadDetection(site));
    }

    [Theory]
    [InlineData("""{ "schema": 1, "detections": {} }""", "policy.json: detection is missing; write \"detection\": { ... }, the settings to try.")]
    [InlineData("""{ "detection": {} }""", "policy.json: schema is missing; write \"schema\": 1.")]
    [InlineData("""{ "schema": 2, "detection": {} }""", "policy.json: schema is 2; write a whole number from 1 to 1 (written without commas).")]
    [InlineData("""{ "schema": 1, "detection": { "silense": 60 } }""", "policy.json: detection.silense is not a known key; did you mean silence?")]
    [InlineData("""{ "schema": 1, "detection": { "fusing": "all" } }""", "policy.json: detection.fusing is \"all\"; write \"auto\" or \"highest\" or \"twoHighest\".")]
    [InlineData("""{ "schema": 1, "detection": 5 }""", "policy.json: detection is a number; write an object { ... }.")]
    [InlineData("[]", "policy.json: the document is a list; write an object { ... }.")]
    public void Detection_that_cannot_be_tried_is_one_sentence(string json, string sentence)
    {
        var path = Write("policy.json", json);

        Assert.Equal(sentence.Replace("policy.json", path, StringComparison.Ordinal), Assert.Throws<FormatException>(() => SettingsFiles.LoadDetection(path)).Message);
    }

    [Fact]
    public void Detection_of_a_missing_file_is_one_sentence()
    {
        var missing = Path.Combine(folder, "policy.json");

        Assert.Equal($"{missing}: the document does not exist; name the settings file with --config.", Assert.Throws<FormatException>(() => SettingsFiles.LoadDetection(missing)).Message);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
