using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>The command lines of the module, as a user meets them.</summary>
public class CommandLineTests
{
    [Fact]
    public async Task A_wrong_configuration_names_every_bad_key_and_exits_2()
    {
        using var folder = new WorkFolder();
        var file = folder.Write("bad.json", """
            { "schema": 1, "gateway": "no spaces please", "broker": { "port": 99999 },
              "sources": { "a": { "topic": "plant/+/x" }, "b": { "topic": "plant/b", "silentAfter": "never" } } }
            """);
        foreach (var command in new[] { new[] { "config", "check", file }, ["run", "--config", file] })
        {
            var (code, said) = await RunAsync(folder, command);
            Assert.Equal(2, code);
            Assert.All(["gateway", "broker.host", "broker.port", "sources.a.topic", "sources.b.silentAfter"], key => Assert.Contains(key, said, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_source_that_covers_our_own_topics_is_refused()
    {
        using var folder = new WorkFolder();
        var file = folder.Write("own.json", """{ "schema": 1, "gateway": "g", "broker": { "host": "h" }, "sources": { "all": { "topic": "#" } } }""");
        var (code, said) = await RunAsync(folder, "config", "check", file);
        Assert.Equal(2, code);
        Assert.Contains("edgegateway/g", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.json")]
    [InlineData("empty.json")]
    public async Task A_configuration_that_is_not_there_or_is_no_JSON_exits_2_with_one_sentence(string name)
    {
        using var folder = new WorkFolder();
        folder.Write("empty.json", "");
        var (code, said) = await RunAsync(folder, "run", "--config", name);
        Assert.Equal(2, code);
        Assert.Contains(name, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_of_the_documentation_is_a_good_configuration()
    {
        using var folder = new WorkFolder();
        var (code, said) = await RunAsync(folder, "config", "check", Path.Combine(Tests.SharedFolder.RepositoryRoot, "docs", "examples", "own-broker.json"));
        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Config_schema_prints_the_schema_of_the_documentation()
    {
        using var folder = new WorkFolder();
        var (code, said) = await RunAsync(folder, "config", "schema");
        Assert.Equal(0, code);
        var documented = await File.ReadAllTextAsync(Path.Combine(Tests.SharedFolder.RepositoryRoot, "docs", "formats", "settings.schema.json"), TestContext.Current.CancellationToken);
        Assert.Equal(documented.Trim(), said.Trim());
    }

    [Theory]
    [InlineData]
    [InlineData("run")]
    [InlineData("demo", "--speed", "0")]
    [InlineData("demo", "--for", "soon")]
    [InlineData("replay")]
    [InlineData("nonsense")]
    public async Task A_wrong_command_line_exits_2(params string[] arguments)
    {
        using var folder = new WorkFolder();
        Assert.Equal(2, (await RunAsync(folder, arguments)).ExitCode);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("replay", "--help")]
    [InlineData("config", "check", "--help")]
    [InlineData("config", "schema", "--help")]
    public async Task Every_command_has_help_with_an_example(params string[] arguments)
    {
        using var folder = new WorkFolder();
        var (code, said) = await RunAsync(folder, arguments);
        Assert.Equal(0, code);
        Assert.Contains("Example: EdgeGateway", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_finds_faults_of_a_plant_with_the_built_in_model()
    {
        using var folder = new WorkFolder();
        var (code, said) = await RunAsync(folder, "demo", "--for", "3s", "--speed", "1200", "--seed", "1");
        Assert.Equal(0, code);
        Assert.Matches(@"\d+ faults injected, [1-9]\d* found, \d+ false alerts, \d+ named right", said);
    }

    [Fact]
    public async Task A_model_folder_that_cannot_be_used_is_refused_with_4()
    {
        using var folder = new WorkFolder();
        folder.Write("a.csv", "time,v\n2026-01-01T00:00:00,1\n");
        var (code, said) = await RunAsync(folder, "replay", "a.csv", "--model", "nowhere");
        Assert.Equal(4, code);
        Assert.Contains("nowhere", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_cannot_be_read_exits_2_with_one_sentence_and_no_alerts_file()
    {
        using var folder = new WorkFolder();
        folder.Write("a.csv", "timestamp,v\n2026-01-01T00:00:00,text\n");
        var (code, said) = await RunAsync(folder, "replay", ".", "--alerts", "alerts.csv", "--judge", "gate");
        Assert.Equal(2, code);
        Assert.Equal("./a.csv, line 2: \"text\" in column v is no number; write it with a decimal point, or leave the cell empty.", said.Trim());
        Assert.False(File.Exists(Path.Combine(folder.Path, "alerts.csv")));
    }

    [Fact]
    public async Task A_policy_can_be_tried_on_recordings()
    {
        using var folder = new WorkFolder();
        folder.Write("policy.json", """{ "schema": 1, "detection": { "windows": "1 of 1" } }""");
        var usual = await RaisedAsync(folder);
        Assert.InRange(usual, 1, await RaisedAsync(folder, "--config", "policy.json") - 1);
    }

    [Theory]
    [InlineData("""{ "schema": 1, "detection": { "budget": 40 } }""", "policy.json has a budget of 40 %, so --budget 10 cannot hold too; leave one of them out.")]
    [InlineData("""{ "schema": 1, "detection": { "windows": "3 of 2" } }""", "policy.json: detection.windows is \"3 of 2\"; write how many of how many windows, such as \"2 of 3\", of at most 10.")]
    public async Task A_policy_that_cannot_be_tried_exits_2_with_one_sentence(string policy, string sentence)
    {
        using var folder = new WorkFolder();
        folder.Write("policy.json", policy);
        var (code, said) = await RunAsync(folder, "replay", Recordings, "--config", "policy.json", "--budget", "10", "--alerts", "alerts.csv");
        Assert.Equal((2, sentence), (code, said.Trim()));
        Assert.False(File.Exists(Path.Combine(folder.Path, "alerts.csv")));
    }

    private static string Recordings => Path.Combine(Tests.SharedFolder.RepositoryRoot, "tests", "recordings");

    private static async Task<int> RaisedAsync(WorkFolder folder, params string[] options)
    {
        var (code, said) = await RunAsync(folder, ["replay", Recordings, "--judge", "gate", .. options]);
        Assert.True(code == 0, said);
        return int.Parse(System.Text.RegularExpressions.Regex.Match(said, @"(\d+) anomalies raised").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(WorkFolder folder, params string[] arguments)
    {
        using var gateway = GatewayProcess.Start(folder.Path, arguments);
        return (await gateway.ExitAsync(), gateway.Output);
    }

    private sealed class WorkFolder : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-work-");

        public string Path => folder.FullName;

        public string Write(string name, string text)
        {
            var path = System.IO.Path.Combine(folder.FullName, name);
            File.WriteAllText(path, text);
            return path;
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
