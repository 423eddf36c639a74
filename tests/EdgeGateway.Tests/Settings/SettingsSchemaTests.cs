using System.Text.RegularExpressions;
using CsCheck;
using EdgeGateway.Settings;
using NJsonSchema;

namespace EdgeGateway.Tests.Settings;

public sealed class SettingsSchemaTests
{
    /// <summary>What is wrong only beside another key, or with the world: the schema cannot know it.</summary>
    private static readonly string[] RulesBetweenKeys =
    [
        "but of is", "needs keyFile", "needs certFile", "needs user", "overlaps", "own topics", "no host name", "is a URL", "has a port", "does not have", "low end",
        "under values", "does not know", "a second number", "must say which value", "is one number", "twice", "write a duration from", "has a brace",
        "no named levels", "too large", "shared subscription",
        "of hub inputs are called", "is no field of a data set", "times and status codes", "no http or https URL", "has a user in it", "no value would be inside again",
        "is not after from", "days after from", "after the next begin", "no address that can be fetched", "which is no host", "no address of a proxy",
        "is missing; write a whole number from 1 on", "is missing; write an https address", "is missing; write the SHA-256",
    ];

    [Fact]
    public void The_schema_in_the_module_is_the_one_in_the_docs() =>
        Assert.Equal(File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "settings.schema.json")), SettingsSchema.Text);

    [Theory]
    [InlineData(SettingsSamples.Minimal)]
    [InlineData(SettingsSamples.Full)]
    public async Task What_the_reader_accepts_the_schema_accepts(string json) => Assert.Empty((await SchemaAsync()).Validate(json));

    [Theory]
    [MemberData(nameof(SettingsProblemTests.Refused), MemberType = typeof(SettingsProblemTests))]
    public async Task What_the_schema_refuses_is_what_the_reader_refuses_but_for_rules_between_keys(string path, string? value, string sentence)
    {
        Assert.NotEmpty(sentence);
        AssertAgreement(await SchemaAsync(), SettingsSamples.With(SettingsSamples.Full, path, value));
    }

    [Fact]
    public void The_complete_sample_has_every_key_of_the_schema()
    {
        foreach (var key in SettingsSchema.KeysByLevel.Values.SelectMany(keys => keys))
        {
            Assert.Contains($"\"{key}\":", SettingsSamples.Full, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_key_of_the_schema_is_in_the_document()
    {
        var document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "settings.md"));
        var words = Regex.Matches(document, "`([A-Za-z]+\\.)?([A-Za-z0-9]+)`").Select(match => match.Groups[2].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Superset(SettingsSchema.KeysByLevel.Values.SelectMany(keys => keys).ToHashSet(StringComparer.Ordinal), words);
    }

    [Fact]
    public async Task The_example_for_an_own_broker_can_be_used()
    {
        var path = Path.Combine(SharedFolder.RepositoryRoot, "docs", "examples", "own-broker.json");
        var result = SettingsFiles.Load(path);

        Assert.True(result.PassesCheck);
        Assert.Empty(result.Warnings);
        Assert.Empty((await SchemaAsync()).Validate(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task The_example_of_the_design_can_be_used()
    {
        const string json = """
            { "schema": 1,
              "gateway": "north-3",
              "broker": { "host": "mosquitto", "port": 8883, "caFile": "/certs/ca.pem", "user": "gw", "passwordFile": "/run/secrets/mqtt" },
              "sources": {
                "pumps": { "topic": "plant/{line}/pump/{pump}", "asset": "{line}/{pump}", "values": { "pressure": "/p", "flow": "/f" },
                           "time": "/ts", "units": { "pressure": "bar" }, "criticality": "high", "range": { "pressure": [0, 16] } },
                "tank":  { "topic": "plant/tank/level" } } }
            """;

        Assert.Equal(2, SettingsSamples.Accepted(json).Sources.Length);
        Assert.Empty((await SchemaAsync()).Validate(json));
    }

    [Fact]
    public async Task Schema_and_reader_agree_on_documents_changed_at_random()
    {
        var schema = await SchemaAsync();
        SettingsMutations.Documents.Sample(json => AssertAgreement(schema, json), iter: 2_000);
    }

    private static Task<JsonSchema> SchemaAsync() => JsonSchema.FromJsonAsync(SettingsSchema.Text, TestContext.Current.CancellationToken);

    private static void AssertAgreement(JsonSchema schema, string json)
    {
        var bySchema = schema.Validate(json);
        var result = SettingsSamples.Read(json);
        if (bySchema.Count > 0)
        {
            Assert.False(result.PassesCheck, $"The schema alone refuses {json}: {string.Join(", ", bySchema)}");
            return;
        }

        var byForm = result.Errors.Concat(result.UnknownKeys).Where(problem => !RulesBetweenKeys.Any(rule => problem.Message.Contains(rule, StringComparison.Ordinal)));
        Assert.True(!byForm.Any(), $"The reader alone refuses {json}: {string.Join(", ", byForm)}");
    }
}
