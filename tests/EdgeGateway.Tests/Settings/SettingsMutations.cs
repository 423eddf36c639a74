using System.Text.Json.Nodes;
using CsCheck;

namespace EdgeGateway.Tests.Settings;

/// <summary>Valid documents with one to three random changes: a value replaced, a key removed, a key added.</summary>
internal static class SettingsMutations
{
    // Without 5.0: NJsonSchema takes it for no integer, against JSON schema since draft 6; a test of the reader has it.
    private static readonly string[] Values =
    [
        "null", "true", "0", "1", "-1", "5", "1.5", "1e999", "70000", "\"\"", "\"x\"", "\"*\"", "\"/p\"", "\"5\"", "\"auto\"", "\"00:00:10\"",
        "\"1.00:00:00\"", "\"25:00:00\"", "\"a/{b}/#\"", "\"a/+\"", "\"{line}\"", "\"a\\u0001\"", "\"UTC\"", "[]", "[0, 1]", "[1, 0]", "[\"good\"]", "[null]", "{}",
        "{ \"pressure\": \"/p\" }", "{ \"pressure\": [0, 1] }", "{ \"pointer\": \"/q\" }", "{ \"a b\": null }", "{ \"topic\": \"t/{x}\" }", "\"3 of 10\"", "\"3 of 2\"", "\"highest\"", "[{ \"text\": \"a\", \"value\": 1 }]",
    ];

    private static readonly string[] Keys = ["schema", "ack", "host", "port", "topic", "values", "units", "range", "time", "pressure", "password", "partition", "x.y", "\u0007"];

    private static readonly Gen<(int Place, int Kind, string Value, string Key)> Changes =
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 2], Any.Of(Values), Any.Of(Keys));

    public static readonly Gen<string> Documents =
        from text in Any.Of(SettingsSamples.Minimal, SettingsSamples.Full)
        from changes in Changes.Array[1, 3]
        select Change(text, changes);

    private static string Change(string text, (int Place, int Kind, string Value, string Key)[] changes)
    {
        var root = JsonNode.Parse(text)!;
        foreach (var (place, kind, value, key) in changes)
        {
            var nodes = Below(root).ToList();
            Change(nodes[place % nodes.Count], kind, JsonNode.Parse(value), key);
        }

        return root.ToJsonString();
    }

    private static void Change(JsonNode node, int kind, JsonNode? value, string key)
    {
        switch (kind, node, node.Parent)
        {
            case (0, _, JsonObject parent):
                parent[node.GetPropertyName()] = value;
                break;
            case (0, _, JsonArray parent):
                parent[node.GetElementIndex()] = value;
                break;
            case (1, _, JsonObject parent):
                parent.Remove(node.GetPropertyName());
                break;
            case (_, JsonObject self, _):
                self[key] = value;
                break;
            case (_, JsonArray self, _):
                self.Add(value);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => node switch
    {
        JsonObject map => map.Select(entry => entry.Value).OfType<JsonNode>().SelectMany(Below).Prepend(node),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Below).Prepend(node),
        _ => [node],
    };
}
