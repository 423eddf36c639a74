using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Ablation;

/// <summary>The windows of a recording that the gateway would judge, as digits.</summary>
/// <param name="Rows">Length of the recording.</param>
/// <param name="Windows">In the order of their rows; several sensors may have one at a row.</param>
internal sealed record RecordedDigits(LabelledRecording Recording, int Rows, IReadOnlyList<(int Row, double Gate, byte[] Digits)> Windows)
{
    /// <summary>Reads a recording.</summary>
    /// <param name="sensor">Says how fields become digits, and from which sample on a sensor is judged.</param>
    /// <exception cref="FormatException">The recording cannot be read, or its labels do not fit it.</exception>
    public static RecordedDigits Read(LabelledRecording recording, SensorModel sensor, DigitChoice digits)
    {
        var (read, kept, before) = (new RecordedWindows(recording), new List<(int, double, byte[])>(), new Dictionary<string, byte[]>());
        foreach (var (row, window, _, _) in read.Read())
        {
            byte[] now = [.. window.Fields.Select((value, field) => (byte)FieldLevels.Level(value, sensor.Fields[field].Edges.AsSpan()))];
            if (window.Samples >= sensor.MinimumSamples && window.FreshSamples >= WindowSummary.Length)
            {
                kept.Add((row, window.GateScore, digits.Of(now, before.GetValueOrDefault(window.Sensor.Id, []))));
            }

            before[window.Sensor.Id] = now;
        }

        return new RecordedDigits(recording, read.Rows, kept);
    }

    /// <summary>For the alert rule, with the gate's share.</summary>
    /// <param name="logOdds">Of "not normal", of each window.</param>
    /// <param name="sensor">How they and the gate are put together.</param>
    public AlertSeries Judged(IReadOnlyList<double> logOdds, SensorModel sensor) =>
        AlertSeries.Of(Recording.Labels, Rows, Windows.Select((w, i) => (w.Row, sensor.Score(logOdds[i], w.Gate))));
}
