using System.Collections.Immutable;
using System.Text.Json;
using EdgeGateway.Packages.Json;

namespace EdgeGateway.Packages.Manifests;

/// <summary>A manifest as JSON, both ways, in the order of docs/formats/package.md.</summary>
internal static class ManifestJson
{
    private const long MaxPlain = 1L << 36;
    private const long MaxSealed = 1L << 37;

    public static PackageManifest Read(StrictJson json)
    {
        json.CheckFormat("kind", "name", "release", "epoch", "issued", "expires", "groups", "base", "golden", "limits", "blobs");
        var kind = json.Text("kind") switch
        {
            "model" => PackageKind.Model,
            "adapter" => PackageKind.Adapter,
            var other => throw json.Broken("kind", $"is \"{Forms.Shown(other)}\", neither model nor adapter"),
        };
        var manifest = new PackageManifest(
            new(kind, json.Name("name")), json.Int("release", 1, int.MaxValue), json.Int("epoch", 1, int.MaxValue), json.Time("issued"), json.Time("expires"),
            [.. json.Objects("groups", 1, 16).Select(Group)], Base(json.Object("base")),
            json.Has("golden") ? json.Text("golden") : null, [.. json.Objects("blobs", 1, 64).Select(Blob)])
        {
            Limits = json.Has("limits") ? Limits(json.Object("limits")) : null,
        };
        CheckBetweenMembers(json, manifest);
        return manifest;
    }

    public static void Write(Utf8JsonWriter json, PackageManifest manifest)
    {
        json.WriteNumber("format", 1);
        json.WriteString("kind", manifest.Slot.Kind == PackageKind.Model ? "model" : "adapter");
        json.WriteString("name", manifest.Slot.Name);
        json.WriteNumber("release", manifest.Release);
        json.WriteNumber("epoch", manifest.Epoch);
        json.WriteTime("issued", manifest.Issued);
        json.WriteTime("expires", manifest.Expires);
        json.WriteStartArray("groups");
        foreach (var group in manifest.Groups)
        {
            json.WriteStartObject();
            json.WriteString("name", group.Group);
            json.WriteNumber("epoch", group.Epoch);
            json.WriteString("recipient", group.Recipient);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("base");
        json.WriteString("model", manifest.Base.Model);
        json.WriteString("tokenizer", manifest.Base.Tokenizer);
        json.WriteNumber("promptVersion", manifest.Base.PromptVersion);
        json.WriteEndObject();
        if (manifest.Golden is not null)
        {
            json.WriteString("golden", manifest.Golden);
        }

        if (manifest.Limits is { } limits)
        {
            WriteLimits(json, limits);
        }

        WriteBlobs(json, manifest.Blobs);
    }

    private static void WriteLimits(Utf8JsonWriter json, PackageLimits limits)
    {
        json.WriteStartObject("limits");
        foreach (var (name, percent) in (ReadOnlySpan<(string, int?)>)[
            ("leastRecall", limits.LeastRecall), ("mostFalseAlarms", limits.MostFalseAlarms), ("mostDisagreement", limits.MostDisagreement),
            ("mostAlerts", limits.MostAlerts), ("mostSilence", limits.MostSilence)])
        {
            if (percent is { } written)
            {
                json.WriteNumber(name, written);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteBlobs(Utf8JsonWriter json, ImmutableArray<PackageBlob> blobs)
    {
        json.WriteStartArray("blobs");
        foreach (var blob in blobs)
        {
            json.WriteStartObject();
            json.WriteString("path", blob.Path);
            json.WriteNumber("size", blob.Size);
            json.WriteString("sha256", blob.Sha256);
            json.WriteStartObject("sealed");
            json.WriteNumber("size", blob.SealedSize);
            json.WriteString("sha256", blob.SealedSha256);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static GroupRecipient Group(StrictJson json) => new(json.Name("name"), json.Int("epoch", 1, int.MaxValue),
        json.Text("recipient", Forms.Recipient, "no recipient of age: age1 and 58 lower-case characters of Bech32"));

    private static BaseModel Base(StrictJson json) => new(json.Digest("model"), json.Digest("tokenizer"), json.Int("promptVersion", 1, int.MaxValue));

    private static PackageLimits Limits(StrictJson json)
    {
        return new(Percent("leastRecall", 1, 100), Percent("mostFalseAlarms", 100, 1000), Percent("mostDisagreement", 1, 100), Percent("mostAlerts", 100, 1000), Percent("mostSilence", 1, 100));

        int? Percent(string name, int least, int most) => json.Has(name) ? json.Int(name, least, most) : null;
    }

    private static PackageBlob Blob(StrictJson json)
    {
        var path = json.Text("path", Forms.FileName,
            "no plain file name: 1 to 128 of A-Z a-z 0-9 . _ -, a letter or digit first, no dot last, no device of Windows");
        var sealedBlob = json.Object("sealed");
        return new(path, json.Number("size", 0, MaxPlain), json.Digest("sha256"), sealedBlob.Number("size", 1, MaxSealed), sealedBlob.Digest("sha256"));
    }

    private static void CheckBetweenMembers(StrictJson json, PackageManifest manifest)
    {
        var blobs = manifest.Blobs;
        _ = manifest.Issued >= manifest.Expires ? throw json.Broken("expires", "is not after issued")
            : manifest.Groups.DistinctBy(g => (g.Group, g.Epoch)).Count() < manifest.Groups.Length ? throw json.Broken("groups", "has a group twice with the same epoch")
            : blobs.DistinctBy(b => b.Path, StringComparer.OrdinalIgnoreCase).Count() < blobs.Length ? throw json.Broken("blobs", "has two paths that differ in nothing but case")
            : blobs.DistinctBy(b => b.SealedSha256).Count() < blobs.Length ? throw json.Broken("blobs", "has the same sealed bytes for two paths")
            : manifest.Golden is { } golden && blobs.All(b => b.Path != golden) ? throw json.Broken("golden", $"is \"{Forms.Shown(golden)}\", which is no path of a blob")
            : true;
    }
}
