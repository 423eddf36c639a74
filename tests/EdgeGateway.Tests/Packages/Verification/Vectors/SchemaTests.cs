using System.Text;
using EdgeGateway.Packages.Envelopes;
using NJsonSchema;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>The JSON schemas of docs/formats, held against the payloads of the vectors: a schema takes all that the reader takes, and refuses what a schema can refuse.</summary>
public sealed class SchemaTests
{
    /// <summary>Rules that are no schema's: between members, or of the document and its numbers as they are written.</summary>
    private static readonly string[] BeyondSchemas =
    [
        "json-", "number-fraction", "number-exponent", "number-minus-zero", "time-no-day", "expires-before-issued",
        "group-twice", "sealed-twice", "golden-no-blob", "path-case-twins", "critical-known", "critical-absent",
        "critical-unknown", "member-twice", "threshold-above-keys", "key-in-both-roles",
    ];

    private static readonly string[] WithoutPayload = ["envelope", "too-large", "payload-type"];

    public static TheoryData<string> Manifests => Names(PackageCase.Kind, name => PackageCase.Read(name).Expected);

    public static TheoryData<string> Roots => Names(RootCase.Kind, name => RootCase.Read(name).Expected);

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task The_schema_of_manifests_agrees_with_the_reader(string name) =>
        Assert.Equal(PackageCase.Read(name).Expected is "manifest" or "critical", await IsRefused("package.schema.json", PackageCase.Read(name).Envelope));

    [Theory]
    [MemberData(nameof(Roots))]
    public async Task The_schema_of_roots_agrees_with_the_reader(string name) =>
        Assert.Equal(RootCase.Read(name).Expected is "root" or "critical", await IsRefused("root.schema.json", RootCase.Read(name).Envelope));

    private static TheoryData<string> Names(string kind, Func<string, string> expected) =>
        [.. VectorForm.Names(kind).Select(row => row.Data).Where(name => !WithoutPayload.Contains(expected(name)) && !BeyondSchemas.Any(name.StartsWith))];

    private static async Task<bool> IsRefused(string schemaName, string envelope)
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", schemaName), TestContext.Current.CancellationToken);
        Assert.True(Envelope.TryRead(Encoding.UTF8.GetBytes(envelope), out var read, out _));
        return schema.Validate(Encoding.UTF8.GetString(read.Payload.AsSpan())).Count > 0;
    }
}
