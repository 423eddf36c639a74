using EdgeGateway.Alerts;
using EdgeGateway.Commands;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Alerts;

public class AlertRulesTests
{
    private const double High = 3;
    private const double Low = -3;
    private readonly Sensor sensor = Any.Sensor();
    private readonly List<Alert> transitions = [];
    private readonly AlertRules rules = NewRules();

    [Fact]
    public void One_high_hop_is_not_enough_and_two_of_three_raise()
    {
        Feed(sensor, 0, Low, High, Low, Low, High, Low, High);
        Assert.Equal([6], RaisedHops());
    }

    [Fact]
    public void The_newest_hop_must_be_high_itself()
    {
        Feed(sensor, 0, Low, High, Low, Low);
        Assert.Empty(transitions);
    }

    [Fact]
    public void An_open_alert_is_cleared_at_the_earliest_120_samples_after_it_was_raised()
    {
        Feed(sensor, 0, [High, High, .. Enumerable.Repeat(Low, 20)]);
        Assert.Equal([(Transition.Raised, 1), (Transition.Cleared, 2)], transitions.Select(t => (t.Transition, t.Sequence)));
        Assert.Equal(Any.Noon.AddSeconds(10 * (1 + 12)), transitions[1].Time);
        Assert.Equal(transitions[0].AlertId, transitions[1].AlertId);
        Assert.False(transitions[1].Active);
    }

    [Fact]
    public void A_condition_that_holds_stays_one_alert()
    {
        Feed(sensor, 0, [.. Enumerable.Repeat(High, 80)]);
        Assert.Equal(Transition.Raised, Assert.Single(transitions).Transition);
    }

    [Fact]
    public void A_new_condition_is_a_new_alert_under_a_new_id()
    {
        Feed(sensor, 0, [High, High, .. Enumerable.Repeat(Low, 20), High, High]);
        Assert.Equal(3, transitions.Count);
        Assert.NotEqual(transitions[0].AlertId, transitions[2].AlertId);
        Assert.Equal(1, transitions[2].Sequence);
    }

    [Fact]
    public void ClearAfter_keeps_an_alert_open_for_that_calm_time()
    {
        var patient = NewRules(TimeSpan.FromMinutes(10));
        for (var hop = 0; hop < 100; hop++)
        {
            patient.Add(Any.Verdict(sensor, hop, hop < 2 ? High : Low), transitions);
        }

        Assert.Equal(Any.Noon.AddSeconds(10).AddMinutes(10), transitions[^1].Time);
    }

    [Fact]
    public void The_score_of_an_asset_of_many_sensors_is_the_mean_of_its_two_highest()
    {
        Judge([[2, -0.5, -9, -9], [2, -0.5, -9, -9], [2, -0.9, -9, -9], [2, -0.9, -9, -9], [2, -1.1, -9, -9], [2, -1.1, -9, -9]]);
        var raised = Assert.Single(transitions);
        Assert.Equal(("p", Any.Noon.AddSeconds(10)), (raised.Subject, raised.Time));
        Assert.Equal("p/0", raised.Sensors[0]);
    }

    [Fact]
    public void Of_up_to_three_sensors_one_alone_may_raise_and_must_be_higher_the_more_they_are()
    {
        Judge([[1.1, -9], [1.1, -9], [1.1, -9], [1.3, -9], [1.3, -9]]);
        Assert.Equal(Any.Noon.AddSeconds(40), Assert.Single(transitions).Time);
    }

    /// <summary>Sensors p/0, p/1 ... of the asset p, a row a hop.</summary>
    private void Judge(double[][] hops)
    {
        var pump = hops[0].Select((_, i) => Any.Sensor($"p/{i}", "p")).ToArray();
        for (var hop = 0; hop < hops.Length; hop++)
        {
            for (var i = 0; i < pump.Length; i++)
            {
                var verdict = Any.Verdict(pump[i], hop, hops[hop][i]);
                rules.Add(verdict with { Window = verdict.Window with { CompletesAsset = i == pump.Length - 1 } }, transitions);
            }
        }
    }

    [Fact]
    public void A_sensor_that_no_longer_sends_does_not_hold_its_asset_down()
    {
        Sensor[] pump = [Any.Sensor("p/a", "p"), Any.Sensor("p/b", "p")];
        for (var hop = 0; hop < 12; hop++)
        {
            if (hop < 4)
            {
                rules.Add(Any.Verdict(pump[1], hop, -20), transitions);
            }

            rules.Add(Any.Verdict(pump[0], hop, High), transitions);
        }

        Assert.Single(transitions);
    }

    [Fact]
    public void Windows_that_nobody_judged_neither_raise_nor_clear()
    {
        Feed(sensor, 0, High, High);
        for (var hop = 2; hop < 40; hop++)
        {
            rules.Add(Any.Verdict(sensor, hop, double.NaN) with { NotJudged = NotJudgedReason.Budget }, transitions);
        }

        Assert.Single(transitions);
    }

    [Fact]
    public void The_kind_is_named_only_when_it_stands_out_and_may_be_revised()
    {
        for (var hop = 0; hop < 120; hop++)
        {
            rules.Add(Any.Verdict(sensor, hop, High, hop < 10 ? [0.5f, 0.5f] : [0.1f, 0.9f]), transitions);
        }

        Assert.Equal([("raised", "unusual"), ("updated", "stuck")], transitions.Select(t => (AlertJson.Name(t.Transition), t.Kind)));
        Assert.True(transitions[1].Time - transitions[0].Time >= TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void Silence_and_limits_are_alerts_of_the_sensor_and_end_with_their_cause()
    {
        rules.Add(new SensorSilence(sensor, true, Any.Noon, Any.Noon.AddMinutes(-1), TimeSpan.FromMinutes(1)), transitions);
        rules.Add(new SensorSilence(sensor, true, Any.Noon, Any.Noon.AddMinutes(-1), TimeSpan.FromMinutes(1)), transitions);
        rules.Add(new SensorSilence(sensor, false, Any.Noon.AddMinutes(5), Any.Noon, TimeSpan.FromMinutes(1)), transitions);
        Assert.Equal([("silent", 1), ("silent", 2)], transitions.Select(t => (t.Family, t.Sequence)));
    }

    [Fact]
    public void An_alert_that_only_the_disk_knows_wins_over_an_older_state()
    {
        Feed(sensor, 0, High, High);
        var restarted = NewRules();
        restarted.LifeCycle.Conditions.Adopt(transitions[0]);
        restarted.LifeCycle.Resume();
        transitions.Clear();
        for (var hop = 1; hop < 4; hop++)
        {
            restarted.Add(Any.Verdict(sensor, hop, High), transitions);
        }

        Assert.Empty(transitions);
    }

    [Fact]
    public void Every_number_of_a_text_stands_in_the_evidence()
    {
        var source = Any.Source() with { Ranges = Any.Source().Ranges.Add("", new ValueRange(0, 16)) };
        var limited = Any.Sensor("tank", source: source);
        Feed(sensor, 0, High, High);
        rules.Add(new LimitCrossing(limited, true, Any.Noon, 17.123456), transitions);
        rules.Add(new LimitCrossing(Any.Sensor("pump", source: source), true, Any.Noon, 17.123456) { Since = Any.Noon.AddMinutes(-10), Delay = TimeSpan.FromMinutes(10) }, transitions);
        rules.Add(new SensorSilence(limited, true, Any.Noon, Any.Noon.AddMinutes(-1), TimeSpan.FromSeconds(90.5)), transitions);
        foreach (var alert in transitions)
        {
            var text = alert.Text.Replace(alert.Sensors[0], "", StringComparison.Ordinal);
            var numbers = System.Text.RegularExpressions.Regex.Matches(text, @"-?\d+(\.\d+)?(E[+-]\d+)?").Select(m => double.Parse(m.Value, System.Globalization.CultureInfo.InvariantCulture));
            Assert.All(numbers, n => Assert.Contains(n, alert.Evidence.Select(e => e.Value)));
        }
    }

    [Fact]
    public void A_limit_with_a_delay_says_when_it_began_how_long_it_was_waited_for_and_the_last_value_outside()
    {
        var limited = Any.Sensor("tank", source: Any.Source() with { Ranges = Any.Source().Ranges.Add("", new ValueRange(0, 16)), Units = Any.Source().Units.Add("", "bar") });
        rules.Add(new LimitCrossing(limited, true, Any.Noon, 17.5) { Since = Any.Noon.AddMinutes(-10), Delay = TimeSpan.FromMinutes(10) }, transitions);
        var alert = Assert.Single(transitions);
        Assert.Equal("tank has been outside 0 to 16 bar for 600 seconds, last at 17.5 bar.", alert.Text);
        Assert.Equal((Any.Noon, Any.Noon.AddMinutes(-10), Any.Noon), (alert.Time, alert.WindowStart, alert.WindowEnd));
    }

    [Theory]
    [InlineData(double.MaxValue, 0, 16)]
    [InlineData(-double.MaxValue, 0, 16)]
    [InlineData(17, -double.MaxValue, 16)]
    public void Numbers_at_the_end_of_a_double_can_be_written(double value, double low, double high)
    {
        var limited = Any.Sensor("tank", source: Any.Source() with { Ranges = Any.Source().Ranges.Add("", new ValueRange(low, high)) });
        rules.Add(new LimitCrossing(limited, true, Any.Noon, value), transitions);
        Assert.Equal(value, AlertJson.Read(AlertJson.Write(Assert.Single(transitions), "north-3")).Evidence.First(e => e.Key == "value").Value, Math.Abs(value) / 1000);
    }

    [Fact]
    public void An_anomaly_names_what_is_furthest_from_calm_once_in_words_and_once_as_a_number()
    {
        FeedFields(("nr60", 6.54321), ("nr12", 9.5), ("rep60", 9.9), ("rec_s2", 9.9), ("slope60", 8.2), ("step60", 7.1), ("dmax", 6.9), ("zc", double.NaN));
        var alert = Assert.Single(transitions);
        Assert.Equal("plant/p1 looks like drift (more noise than usual, a rise, a step): mean 0, between 0 and 0; usual are 0 with a spread of 0.", alert.Text);
        Assert.Equal([("nr12", 9.5), ("slope60", 8.2), ("step60", 7.1)], alert.Evidence.TakeLast(3).Select(e => (e.Key, e.Value)));
    }

    [Fact]
    public void An_anomaly_that_resembles_no_kind_looks_unusual()
    {
        rules.Add(Any.Verdict(sensor, 0, High, 0.4f, 0.4f), transitions);
        rules.Add(Any.Verdict(sensor, 1, High, 0.4f, 0.4f), transitions);
        Assert.StartsWith("plant/p1 looks unusual: mean", Assert.Single(transitions).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_of_which_no_field_is_far_from_calm_names_none()
    {
        FeedFields(("nr60", 4.2), ("slope60", 2.2));
        Assert.Equal("usualSpread", Assert.Single(transitions).Evidence[^1].Key);
        Assert.StartsWith("plant/p1 looks like drift: mean", transitions[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_word_for_a_field_of_the_built_in_model_has_a_digit_and_both_sides_of_a_field_have_their_own()
    {
        var model = SensorModel.Load(LoadedModel.BuiltIn);
        var said = new[] { 1e6, -1e6 }.SelectMany(value => Enumerable.Range(0, SensorFields.Count).Select(field => Contributions.Of(WindowOf((SensorFields.Names[field], value)), model))).ToList();
        Assert.All(said, c => Assert.InRange(c.Length, 0, 1));
        Assert.All(said.SelectMany(c => c), c => Assert.DoesNotContain(c.Words, char.IsDigit));
        Assert.Equal(("a rise", "a fall"), (Word("slope60", 20), Word("slope60", -20)));
        Assert.Equal(("more noise than usual", "less noise than usual"), (Word("nr60", 5), Word("nr60", -5)));

        string Word(string field, double value) => Assert.Single(Contributions.Of(WindowOf((field, value)), model)).Words;
    }

    [Fact]
    public void An_anomaly_of_a_window_without_a_single_value_has_a_sentence_without_numbers()
    {
        for (var hop = 0; hop < 2; hop++)
        {
            var verdict = Any.Verdict(sensor, hop, High);
            rules.Add(verdict with { Window = verdict.Window with { Evidence = new(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN) } }, transitions);
        }

        Assert.Equal("plant/p1 looks like drift.", Assert.Single(transitions).Text);
    }

    [Fact]
    public void Of_a_forgotten_sensor_the_open_alerts_end_and_nothing_is_kept()
    {
        Feed(sensor, 0, High, High);
        rules.Add(new SensorSilence(sensor, true, Any.Noon, Any.Noon.AddMinutes(-1), TimeSpan.FromMinutes(1)), transitions);
        transitions.Clear();
        rules.Add(new SensorForgotten(sensor, Any.Noon.AddDays(31)), transitions);
        Assert.Equal([("silent", Transition.Cleared), ("anomaly", Transition.Cleared)], transitions.Select(t => (t.Family, t.Transition)));
        Assert.Empty(rules.LifeCycle.Conditions.All);
        Assert.Empty(rules.Assets);
    }

    private static AlertRules NewRules(TimeSpan clearAfter = default) => new(new AlertContent("north-3", Any.SensorModel()), DetectionSettings.Default, new AlertSettings(clearAfter, MaxPerHour: 60), new Accounting());

    private void FeedFields(params (string Name, double Value)[] fields)
    {
        for (var hop = 0; hop < 2; hop++)
        {
            var verdict = Any.Verdict(sensor, hop, High);
            rules.Add(verdict with { Window = WindowOf(fields) with { End = verdict.Window.End } }, transitions);
        }
    }

    private WindowSummary WindowOf(params (string Name, double Value)[] fields)
    {
        var values = new double[SensorFields.Count];
        Array.ForEach(fields, f => values[SensorFields.Names.IndexOf(f.Name)] = f.Value);
        return Any.Window(sensor, 0) with { Fields = [.. values] };
    }

    private void Feed(Sensor of, int firstHop, params double[] scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            rules.Add(Any.Verdict(of, firstHop + i, scores[i]), transitions);
        }
    }

    private IEnumerable<int> RaisedHops() => transitions.Where(t => t.Transition == Transition.Raised).Select(t => (int)(t.Time - Any.Noon).TotalSeconds / 10);
}
