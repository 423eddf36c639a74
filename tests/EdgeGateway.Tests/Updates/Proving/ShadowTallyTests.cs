using System.Text.Json;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Proving;

public sealed class ShadowTallyTests(ProvenModels models) : IClassFixture<ProvenModels>
{
    private static readonly ProofLimits Limits = new() { ShadowWindows = 4_000 };
    private static readonly Sensor[] Sensors = [.. Enumerable.Range(0, 10).Select(i => Any.Sensor($"plant/p{i}"))];
    private static readonly Lazy<IReadOnlyList<WindowSummary>> Faulty = new(() => LiveStream.Plant(sensors: 24, samples: 3_000, faulty: true));
    private static readonly Lazy<IReadOnlyList<WindowSummary>> Quiet = new(() => LiveStream.Plant(sensors: 16, samples: 3_000, faulty: false));
    private readonly FakeTimeProvider clock = new(Any.Noon);

    [Fact]
    public void On_a_plant_with_faults_the_built_in_model_and_an_honest_adapter_pass()
    {
        Assert.Equal(ProofResult.Passed, Judge(Faulty.Value, ProvenModels.BuiltIn));
        Assert.Equal(ProofResult.Passed, Judge(Faulty.Value, "honest"));
    }

    [Fact]
    public void On_a_plant_without_faults_they_pass_too()
    {
        Assert.Equal(ProofResult.Passed, Judge(Quiet.Value, ProvenModels.BuiltIn));
        Assert.Equal(ProofResult.Passed, Judge(Quiet.Value, "honest"));
    }

    [Fact]
    public void Who_is_blind_for_stuck_is_refused_for_its_silence()
    {
        var result = Judge(Faulty.Value, "blind-for-stuck");
        Assert.Equal("shadow-silence", result?.Code);
        Assert.Contains("live anomalies of the kind stuck that the running model was sure of", result!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Inverted_answers_are_refused_on_both()
    {
        foreach (var windows in (IReadOnlyList<WindowSummary>[])[Faulty.Value, Quiet.Value])
        {
            var usual = models.VerdictsOf(windows, ProvenModels.BuiltIn);
            Assert.Equal("shadow-disagreement", Judge(usual, [.. usual.Select(v => v with { Score = -v.Score })])?.Code);
            Assert.NotNull(Judge(windows, "inverted")?.Code);
        }
    }

    [Fact]
    public void Thrice_the_false_alarms_are_refused_where_nothing_is_wrong_and_twice_are_not()
    {
        var usual = models.VerdictsOf(Quiet.Value, ProvenModels.BuiltIn);
        var (twice, thrice) = (Lowered(usual, 2), Lowered(usual, 3));
        Assert.Equal((ProofResult.Passed, "shadow-alerts"), (Judge(usual, twice), Judge(usual, thrice)?.Code));
    }

    [Fact]
    public void On_recordings_of_real_sensors_an_honest_adapter_passes_and_an_inverted_one_does_not()
    {
        var windows = LiveStream.Recorded(ReplayFile.At(SharedFolder.Require("data")).Where(f => f.Labels?.Set == "faults-bias").Take(4));
        Assert.Equal(ProofResult.Passed, Judge(windows, "honest"));
        Assert.Equal("shadow-alerts", Judge(windows, "inverted")?.Code);
    }

    [Fact]
    public void It_is_undecided_until_so_many_windows_are_judged()
    {
        var tally = Tally();
        Feed(tally, Limits.ShadowWindows - 1);
        Assert.Equal((null, false), (tally.Result, tally.IsPending));
        Feed(tally, 1);
        Assert.Equal(ProofResult.Passed, tally.Result);
    }

    [Fact]
    public void A_plant_of_many_sensors_is_watched_for_longer()
    {
        var tally = Tally();
        for (var i = 0; i < 6_000; i++)
        {
            tally.Add(Verdict(Any.Sensor($"s{i}"), 0), Verdict(Any.Sensor($"s{i}"), 0));
        }

        Assert.Null(tally.Result);
    }

    [Fact]
    public void After_so_many_hours_fewer_windows_are_enough_but_too_few_are_pending_and_go_on()
    {
        var tally = Tally();
        Feed(tally, Limits.FewestShadowWindows - 1);
        clock.Advance(TimeSpan.FromHours(Limits.ShadowHours));
        Assert.Equal((null, true), (tally.Result, tally.IsPending));
        Feed(tally, 1);
        Assert.Equal((ProofResult.Passed, false), (tally.Result, tally.IsPending));
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_keep_it_from_ending()
    {
        var tally = Tally(ShadowState.New(Any.Noon.AddYears(70)));
        Feed(tally, Limits.FewestShadowWindows);
        clock.Advance(TimeSpan.FromHours(Limits.ShadowHours));
        Assert.Equal(ProofResult.Passed, tally.Result);
    }

    [Fact]
    public void The_counts_survive_a_restart_as_JSON()
    {
        var tally = Tally();
        Feed(tally, 3_000, anomalousEvery: 100);
        var state = JsonSerializer.Deserialize<ShadowState>(JsonSerializer.Serialize(tally.State))!;
        Assert.Equal((3_000, 30, 29), (state.Windows, state.ActiveAlerts, state.Sure["spike"].All));
        var later = Tally(state);
        Feed(later, 999);
        Assert.Null(later.Result);
        Feed(later, 1);
        Assert.Equal("shadow-silence", later.Result?.Code);
        Assert.Equal("It was silent in 29 of 29 live anomalies of the kind spike that the running model was sure of; at most 50 % are allowed: check whether this kind was labelled as normal in training.", later.Result?.Sentence);
    }

    [Fact]
    public void Windows_that_one_of_the_two_did_not_judge_do_not_count()
    {
        var tally = Tally();
        var (judged, not) = (Verdict(Sensors[0], 5), Verdict(Sensors[0], 5) with { Score = double.NaN, NotJudged = NotJudgedReason.Budget });
        tally.Add(judged, not);
        tally.Add(not, judged);
        tally.Add(not, not);
        Assert.Equal(0, tally.State.Windows);
    }

    [Fact]
    public void One_anomaly_of_many_windows_counts_once_and_one_window_of_it_is_enough_to_have_seen_it()
    {
        var tally = Tally();
        foreach (var (active, candidate) in ((double, double)[])[(0, 0), (1, 0), (5, 0), (5, 1), (5, 0), (0, 0), (1, 0), (0, 0), (5, 0), (0, 0)])
        {
            tally.Add(Verdict(Sensors[0], active), Verdict(Sensors[0], candidate));
        }

        Assert.Equal((10, 3, 1, 5), (tally.State.Windows, tally.State.ActiveAlerts, tally.State.CandidateAlerts, tally.State.Disagreements));
        Assert.Equal(new SureAnomalies(2, 1), tally.State.Sure["spike"]);
    }

    private ShadowTally Tally(ShadowState? state = null) => new(Limits, WindowJudge.KindsOf(models[ProvenModels.BuiltIn].Sensor), clock, state ?? ShadowState.New(clock.GetUtcNow()));

    private static void Feed(ShadowTally tally, int windows, int anomalousEvery = int.MaxValue)
    {
        for (var i = 1; i <= windows; i++)
        {
            tally.Add(Verdict(Sensors[0], i % anomalousEvery == 0 ? 5 : 0), Verdict(Sensors[0], 0));
        }

    }

    /// <summary>Above the threshold of .5 from a score of 1 on, and sure from 3 on.</summary>
    private static Verdict Verdict(Sensor sensor, double score) => Any.Verdict(sensor, 1, score, score > 3 ? [.9f, .05f] : [.5f, .1f]);

    /// <summary>The verdicts at the threshold at which so many times as many anomalies begin.</summary>
    private Verdict[] Lowered(Verdict[] usual, int times)
    {
        var wanted = times * Count(usual, usual).ActiveAlerts;
        return Enumerable.Range(1, 200).Select(i => usual.Select(v => v with { Threshold = v.Threshold - (i * .02) }).ToArray()).First(lowered => Count(usual, lowered).CandidateAlerts >= wanted);
    }

    private ShadowState Count(Verdict[] active, Verdict[] candidate)
    {
        var tally = Tally();
        Array.ForEach([.. active.Zip(candidate)], v => tally.Add(v.First, v.Second));
        return tally.State;
    }

    private ProofResult? Judge(IReadOnlyList<WindowSummary> windows, string candidate) => Judge(models.VerdictsOf(windows, ProvenModels.BuiltIn), models.VerdictsOf(windows, candidate));

    private ProofResult? Judge(Verdict[] active, Verdict[] candidate) =>
        Tally(Count(active, candidate)).Result;
}
