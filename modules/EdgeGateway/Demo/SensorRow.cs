using System.Globalization;
using EdgeGateway.Operations;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using SensorSimulator.Plant;

namespace EdgeGateway.Demo;

/// <summary>What the terminal shows of one sensor: its newest readings and its newest judgement. Not thread-safe.</summary>
internal sealed class SensorRow(PlantSensor sensor)
{
    private readonly Queue<double> newest = new(WindowSummary.Length);
    private double score = double.NaN;

    /// <summary>The id that the gateway gives to the sensor.</summary>
    public string Id { get; } = IdOf(sensor.Asset, sensor.Name);

    /// <summary>Whether the gateway still learns what is usual.</summary>
    public bool Learning { get; private set; } = true;

    /// <summary>Whether the newest judged window is above the threshold.</summary>
    public bool Anomalous { get; private set; }

    /// <summary>The name, fit for a terminal.</summary>
    public string Name { get; } = PlainText.Of(IdOf(sensor.Asset, sensor.Name));

    /// <summary>The newest value with its unit; empty before the first.</summary>
    public string Value => newest.Count == 0 ? "" : PlainText.Of($"{newest.Last().ToString($"F{sensor.Digits}", CultureInfo.InvariantCulture),5} {sensor.Unit}");

    /// <summary>The newest minute in 20 characters.</summary>
    public string Line => Sparkline.Of(newest.ToArray());

    /// <summary>Log-odds that the newest judged window is not normal; empty before the first.</summary>
    public string Score => double.IsNaN(score) ? "" : score.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Takes a reading; a missing one leaves no trace.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        if (newest.Count == WindowSummary.Length)
        {
            newest.Dequeue();
        }

        newest.Enqueue(value);
    }

    /// <summary>Takes a verdict; one that the budget left out changes nothing but the state.</summary>
    public void Add(Verdict verdict)
    {
        Learning = verdict.NotJudged == NotJudgedReason.Warming;
        if (!double.IsNaN(verdict.Score))
        {
            (score, Anomalous) = (verdict.Score, verdict.Anomalous);
        }
    }

    /// <summary>The id of a sensor of the plant.</summary>
    public static string IdOf(string asset, string name) => $"{asset}/{name}";
}
