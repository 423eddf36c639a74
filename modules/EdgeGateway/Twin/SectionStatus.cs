using System.Text.Json.Nodes;

namespace EdgeGateway.Twin;

/// <summary>What became of one section of the desired properties.</summary>
/// <param name="Version">Desired version in which the section came.</param>
/// <param name="Status">200 in force; 400 cannot be used; 404 not known; 413 too large; 424 good, but all together are no settings yet.</param>
/// <param name="Error">What is wrong; with 200 a warning; empty when there is nothing to say.</param>
internal sealed record SectionStatus(long Version, int Status, string Error)
{
    /// <summary>The form of the reported properties.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["version"] = Version, ["status"] = Status };
        if (Error.Length > 0)
        {
            json["error"] = Error;
        }

        return json;
    }
}

/// <summary>A section that was found good, and the desired version that brought it.</summary>
internal sealed record GoodSection(long Version, JsonNode Value);
