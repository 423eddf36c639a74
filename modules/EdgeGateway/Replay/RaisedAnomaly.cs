using System.Globalization;
using System.Text;
using EdgeGateway.Alerts;

namespace EdgeGateway.Replay;

/// <summary>A raised alert of family anomaly: a row of the file of <c>--alerts</c>.</summary>
/// <param name="Row">0-based data row at which it was raised.</param>
internal readonly record struct RaisedAnomaly(int Row, DateTimeOffset Time, string Subject, string Kind, int Severity, double Score)
{
    /// <summary>The raised anomaly, if this transition is one.</summary>
    public static IEnumerable<RaisedAnomaly> Of(int row, Alert alert) => alert is { Transition: Transition.Raised, Family: Family.Anomaly }
        ? [new RaisedAnomaly(row, alert.Time, alert.Subject, alert.Kind, alert.Severity, alert.Evidence.First(e => e.Key == "score").Value)]
        : [];

    /// <summary>Writes the raised anomalies of all files as CSV: file,index,time,subject,kind,severity,score.</summary>
    public static void Write(string path, IEnumerable<(string File, IReadOnlyList<RaisedAnomaly> Raised)> files)
    {
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        writer.WriteLine("file,index,time,subject,kind,severity,score");
        foreach (var (file, raised) in files)
        {
            foreach (var (row, time, subject, kind, severity, score) in raised)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file},{row},{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ},{subject},{kind},{severity},{score}"));
            }
        }
    }
}
