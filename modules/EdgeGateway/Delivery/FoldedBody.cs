using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Storage;

namespace EdgeGateway.Delivery;

/// <summary>The body of an entry that stands for earlier transitions too: it says from which sequence on (docs/formats/alert.md). Written when it is sent, for what is folded differs from sink to sink.</summary>
internal static class FoldedBody
{
    // as the bodies are written in the first place
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entry as it is to be sent, still within the bound of bodies: sparkline and text give way.</summary>
    public static OutboxEntry Of(OutboxEntry entry)
    {
        if (entry.First >= entry.Sequence)
        {
            return entry;
        }

        var alert = JsonNode.Parse(entry.Body.Span)!;
        var data = alert["data"]!.AsObject();
        data.Insert(data.IndexOf("sequence") + 1, "foldedFrom", entry.First);
        foreach (var optional in new[] { "sparkline", "text" })
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(alert, Plain);
            if (body.Length <= AlertJson.MaxBytes)
            {
                return entry with { Body = body };
            }

            data[optional] = "";
        }

        return entry with { Body = JsonSerializer.SerializeToUtf8Bytes(alert, Plain) };
    }
}
