using System.Text.Json;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Roots;

/// <summary>A root as JSON, both ways, in the order of docs/formats/package.md.</summary>
internal static class RootJson
{
    public static Root Read(StrictJson json)
    {
        json.CheckFormat("version", "issued", "expires", "epoch", "root", "release");
        var root = new Root(json.Int("version", 1, int.MaxValue), json.Time("issued"), json.Time("expires"), json.Int("epoch", 1, int.MaxValue),
            Role(json.Object("root")), Role(json.Object("release")));
        return root.Issued >= root.Expires ? throw json.Broken("expires", "is not after issued")
            : root.RootRole.Keys.Intersect(root.ReleaseRole.Keys).Any() ? throw json.Broken("release", "has a key that is in the role root too")
            : root;
    }

    public static void Write(Utf8JsonWriter json, Root root)
    {
        json.WriteNumber("format", 1);
        json.WriteNumber("version", root.Version);
        json.WriteTime("issued", root.Issued);
        json.WriteTime("expires", root.Expires);
        json.WriteNumber("epoch", root.Epoch);
        Write(json, "root", root.RootRole);
        Write(json, "release", root.ReleaseRole);
    }

    private static void Write(Utf8JsonWriter json, string name, Role role)
    {
        json.WriteStartObject(name);
        json.WriteNumber("threshold", role.Threshold);
        json.WriteStartArray("keys");
        foreach (var key in role.Keys)
        {
            json.WriteStringValue(key.Text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Role Role(StrictJson json)
    {
        var texts = json.Texts("keys", 1, 16);
        var keys = texts.Select(text => VerificationKey.Parse(text) ?? throw json.Broken("keys", $"has \"{Forms.Shown(text)}\", no key like ed25519:BASE64 of 32 bytes"));
        return texts.Distinct().Count() < texts.Length ? throw json.Broken("keys", "has a key twice") : new Role(json.Int("threshold", 1, texts.Length), [.. keys]);
    }
}
