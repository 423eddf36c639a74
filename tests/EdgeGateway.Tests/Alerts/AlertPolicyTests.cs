using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Tests.Alerts;

/// <summary>The alert rule under other settings than the defaults.</summary>
public class AlertPolicyTests
{
    private const double High = 3;
    private const double Low = -3;
    private static readonly double[] Calm = [.. Enumerable.Repeat(Low, 40)];
    private readonly List<Alert> transitions = [];

    [Theory]
    [InlineData(1, 1, new[] { Low, High, Low }, 1)]
    [InlineData(2, 2, new[] { High, Low, High, High }, 3)]
    [InlineData(3, 5, new[] { High, Low, High, Low, High }, 4)]
    [InlineData(3, 5, new[] { High, Low, Low, High, High, Low, High }, 4)]
    [InlineData(1, 10, new[] { Low, High }, 1)]
    [InlineData(10, 10, new[] { High, High, High, High, High, High, High, High, High, High }, 9)]
    public void So_many_of_so_many_windows_raise(int needed, int of, double[] scores, int raised)
    {
        Judge(DetectionSettings.Default with { Windows = new WindowRule(needed, of) }, [.. scores.Select(s => new[] { s })]);
        Assert.Equal([(Transition.Raised, raised)], transitions.Select(t => (t.Transition, Hop(t))));
    }

    [Theory]
    [InlineData(2, 2, new[] { High, Low, High, Low, High })]
    [InlineData(3, 5, new[] { High, High, Low, Low, Low, High, Low, High })]
    [InlineData(1, 3, new[] { double.NaN, Low })]
    public void Fewer_windows_raise_nothing(int needed, int of, double[] scores)
    {
        Judge(DetectionSettings.Default with { Windows = new WindowRule(needed, of) }, [.. scores.Select(s => new[] { s })]);
        Assert.Empty(transitions);
    }

    [Fact]
    public void The_newest_window_is_one_of_those_that_raise()
    {
        Judge(DetectionSettings.Default with { Windows = new WindowRule(1, 10), SilenceSamples = 10 }, [[High], [Low], [Low], [Low]]);
        Assert.Equal([(Transition.Raised, 0), (Transition.Cleared, 1)], transitions.Select(t => (t.Transition, Hop(t))));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(60, 6)]
    [InlineData(61, 7)]
    [InlineData(240, 24)]
    public void In_the_silence_nothing_is_cleared_and_it_lasts_whole_hops(int samples, int hops)
    {
        Judge(DetectionSettings.Default with { SilenceSamples = samples }, [[High], [High], .. Calm.Select(s => new[] { s })]);
        Assert.Equal([1, 1 + hops], transitions.Select(Hop));
    }

    [Fact]
    public void Other_settings_hold_from_their_mark_on_and_for_the_windows_before_it_too()
    {
        var sensor = Any.Sensor();
        var rules = NewRules(DetectionSettings.Default with { Windows = new WindowRule(3, 3) });
        rules.Add(Any.Verdict(sensor, 0, High), transitions);
        rules.Add(Any.Verdict(sensor, 1, High), transitions);
        var other = Any.Settings(sensor.Source) with { Detection = DetectionSettings.Default with { Windows = new WindowRule(2, 3), KindMinimum = 0.95 } };
        rules.Add(new SettingsChanged(other, new TaskCompletionSource()), transitions);
        Assert.Empty(transitions);
        rules.Add(Any.Verdict(sensor, 2, High), transitions);
        Assert.Equal("unusual", Assert.Single(transitions).Kind);
    }

    [Fact]
    public void A_shorter_silence_lets_a_second_anomaly_be_raised_sooner()
    {
        Judge(DetectionSettings.Default with { SilenceSamples = 10, Windows = new WindowRule(1, 1) }, [[High], [Low], [High], [Low]]);
        Assert.Equal([0, 2], transitions.Where(t => t.Transition == Transition.Raised).Select(Hop));
    }

    // the threshold is 0.5, the logarithm of 4 is 1.39 and that of 2 is 0.69
    [Theory]
    [InlineData(Fusing.Highest, new[] { 2.0, -9, -9, -9 }, true)]
    [InlineData(Fusing.Highest, new[] { 1.8, 1.8, 1.8, 1.8 }, false)]
    [InlineData(Fusing.Highest, new[] { 1.3, -9 }, true)]
    [InlineData(Fusing.TwoHighest, new[] { 2.0, -9, -9, -9 }, false)]
    [InlineData(Fusing.TwoHighest, new[] { 0.6, 0.6, -9, -9 }, true)]
    [InlineData(Fusing.TwoHighest, new[] { 1.3, -9 }, false)]
    [InlineData(Fusing.TwoHighest, new[] { 1.3, -0.2 }, true)]
    [InlineData(Fusing.TwoHighest, new[] { 0.6 }, true)]
    [InlineData(Fusing.Auto, new[] { 2.0, -9, -9, -9 }, false)]
    [InlineData(Fusing.Auto, new[] { 1.3, -9 }, true)]
    public void The_scores_of_an_asset_are_fused_as_the_settings_say(Fusing fusing, double[] sensors, bool raised)
    {
        Judge(DetectionSettings.Default with { Fusing = fusing }, [sensors, sensors]);
        Assert.Equal(raised, transitions.Count == 1);
    }

    [Theory]
    [InlineData(null, "unusual")]
    [InlineData(0.3, "stuck")]
    [InlineData(1.0, "unusual")]
    public void The_least_share_of_a_named_kind_is_the_settings_or_the_models(double? kindMinimum, string kind)
    {
        var rules = NewRules(DetectionSettings.Default with { KindMinimum = kindMinimum });
        for (var hop = 0; hop < 2; hop++)
        {
            rules.Add(Any.Verdict(Any.Sensor(), hop, High, 0.2f, 0.22f, 0.2f), transitions);
        }

        Assert.Equal(kind, Assert.Single(transitions).Kind);
    }

    private static AlertRules NewRules(DetectionSettings detection)
    {
        var model = Any.SensorModel();
        model = model with { Labels = [.. model.Labels.Where(l => l.Kind != "stuck"), new("stuck", "stuck"), new("shift", "shift")] };
        return new AlertRules(new AlertContent("north-3", model.Under(detection)), detection, new AlertSettings(TimeSpan.Zero, MaxPerHour: 60), new Accounting());
    }

    private static int Hop(Alert alert) => (int)(alert.Time - Any.Noon).TotalSeconds / 10;

    /// <summary>Sensors p/0, p/1 ... of the asset p, a row a hop.</summary>
    private void Judge(DetectionSettings detection, double[][] hops)
    {
        var rules = NewRules(detection);
        Sensor[] pump = [.. hops[0].Select((_, i) => Any.Sensor($"p/{i}", "p"))];
        for (var hop = 0; hop < hops.Length; hop++)
        {
            for (var i = 0; i < pump.Length; i++)
            {
                var verdict = Any.Verdict(pump[i], hop, hops[hop][i]);
                rules.Add(verdict with { Window = verdict.Window with { CompletesAsset = i == pump.Length - 1 } }, transitions);
            }
        }
    }
}
