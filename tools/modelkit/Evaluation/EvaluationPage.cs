namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>The report as one HTML file that needs nothing else.</summary>
internal static class EvaluationPage
{
    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, EvaluationReport report) => writer.Write(report.Model);
}
