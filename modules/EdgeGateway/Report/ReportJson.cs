using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeGateway.Report;

/// <summary>The report as JSON (docs/formats/report.md).</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the report.</summary>
    public static void Write(TextWriter writer, GatewayReport report) => writer.WriteLine(JsonSerializer.Serialize(report, Form));
}
