using EdgeGateway.Settings;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Alerts;

/// <summary>
/// The sensors of one asset, fused. Unless the settings say otherwise, of many sensors two must agree: the asset's score is the mean of the two highest. With up to three
/// that would ask for most of them; there it is the highest less the logarithm of their number, which pays for having as many chances of a false alarm (docs/adr/0004).
/// </summary>
internal sealed class AssetScores(DetectionSettings settings)
{
    /// <summary>Up to this many sensors, one alone may decide.</summary>
    private const int Few = 3;

    /// <summary>A sensor without a window for longer than this many of its own hops does not count.</summary>
    private const int StaleHops = 3;

    /// <summary>How the scores are looked at.</summary>
    public DetectionSettings Settings { get; set; } = settings;

    public Dictionary<string, SensorScores> Sensors { get; } = new(StringComparer.Ordinal);

    /// <summary>End of the newest window in which the alert rule held.</summary>
    public DateTimeOffset LastFiring { get; set; }

    /// <summary>Whether the last raised alert is so fresh that nothing is raised or cleared.</summary>
    public bool IsQuiet => HopsSinceRaise < (Settings.SilenceSamples + SensorFields.Hop - 1) / SensorFields.Hop;

    /// <summary>Up to how many judged sensors the highest decides.</summary>
    private int Alone => Settings.Fusing switch { Fusing.Highest => int.MaxValue, Fusing.TwoHighest => 1, _ => Few };

    private int HopsSinceRaise => Sensors.Count == 0 ? (StartsQuiet ? 0 : SensorScores.NeverRaised) : Sensors.Values.Max(s => s.HopsSinceRaise);

    /// <summary>For an asset whose alert is open although nothing else is known of it, after a restart: nothing is decided before it has been seen for a while.</summary>
    public bool StartsQuiet { get; init; }

    public void Add(Verdict verdict)
    {
        var id = verdict.Window.Sensor.Id;
        if (!Sensors.TryGetValue(id, out var scores))
        {
            scores = new SensorScores { HopsSinceRaise = HopsSinceRaise };
            Sensors.Add(id, scores);
        }

        scores.Add(verdict);
    }

    public void Raised()
    {
        foreach (var sensor in Sensors.Values)
        {
            sensor.HopsSinceRaise = 0;
        }
    }

    /// <summary>Whether enough of the newest hops are above the threshold.</summary>
    public bool Fires(DateTimeOffset now, double threshold)
    {
        var above = 0;
        for (var hop = 0; hop < Settings.Windows.Of; hop++)
        {
            above += Lag(hop, now, threshold) > 0 ? 1 : 0;
        }

        return above >= Settings.Windows.Needed;
    }

    /// <summary>The fused score less the threshold, so many hops ago; NaN when no sensor was judged. Each sensor has the threshold of who judges it.</summary>
    /// <param name="threshold">That of sensors whose own is not known yet.</param>
    public double Lag(int hops, DateTimeOffset now, double threshold)
    {
        var (first, second, judged) = (double.NaN, double.NaN, 0);
        foreach (var sensor in Sensors.Values)
        {
            var score = sensor.Lag(hops) - sensor.ThresholdOr(threshold);
            if (double.IsNaN(score) || now - sensor.End > StaleHops * sensor.HopTime)
            {
                continue;
            }

            judged++;
            if (double.IsNaN(first) || score > first)
            {
                (first, second) = (score, first);
            }
            else if (double.IsNaN(second) || score > second)
            {
                second = score;
            }
        }

        return judged <= Alone ? first - Math.Log(Math.Max(1, judged)) : (first + second) / 2;
    }

    /// <summary>The sensors by their highest score of the newest hops above their threshold, leading first.</summary>
    /// <param name="threshold">As for <see cref="Lag"/>.</param>
    public IReadOnlyList<KeyValuePair<string, SensorScores>> Leading(double threshold) =>
        [.. Sensors.OrderByDescending(s => Peak(s.Value) - s.Value.ThresholdOr(threshold)).ThenBy(s => s.Key, StringComparer.Ordinal)];

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(LastFiring.UtcTicks);
        writer.Write(Sensors.Count);
        foreach (var (id, scores) in Sensors)
        {
            writer.Write(id);
            scores.WriteTo(writer);
        }
    }

    /// <param name="older">It was written by a version before the settings of the alert rule.</param>
    public static AssetScores Read(BinaryReader reader, DetectionSettings settings, bool older)
    {
        var asset = new AssetScores(settings) { LastFiring = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero) };
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            asset.Sensors.Add(reader.ReadString(), SensorScores.Read(reader, older));
        }

        return asset;
    }

    private double Peak(SensorScores sensor)
    {
        var peak = double.NegativeInfinity;
        for (var hop = 0; hop < Settings.Windows.Of; hop++)
        {
            peak = sensor.Lag(hop) > peak ? sensor.Lag(hop) : peak;
        }

        return peak;
    }
}
