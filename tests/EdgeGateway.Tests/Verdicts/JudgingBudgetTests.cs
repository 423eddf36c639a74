using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Verdicts;

public class JudgingBudgetTests
{
    [Fact]
    public void The_windows_with_the_highest_gate_scores_are_judged_first()
    {
        var budget = new JudgingBudget();
        var chosen = new bool[10];
        budget.Choose(Waiting(10, i => i), 30, chosen);
        Assert.Equal([7, 8, 9], Chosen(chosen));
    }

    [Fact]
    public void Every_sensor_is_judged_at_least_once_in_six_windows()
    {
        var budget = new JudgingBudget();
        var chosen = new bool[10];
        var judged = new int[10];
        for (var round = 0; round < 60; round++)
        {
            budget.Choose(Waiting(10, i => i), 10, chosen);
            Chosen(chosen).ToList().ForEach(i => judged[i]++);
        }

        Assert.All(judged, count => Assert.InRange(count, 10, 60));
    }

    [Fact]
    public void Of_a_forgotten_sensor_no_share_is_kept()
    {
        var budget = new JudgingBudget();
        var chosen = new bool[10];
        for (var round = 0; round < JudgingBudget.MinimumShare - 1; round++)
        {
            budget.Choose(Waiting(10, i => i), 10, chosen);
        }

        budget.Forget(sensors[0]);
        budget.Choose(Waiting(10, i => i), 10, chosen);
        Assert.Equal(Enumerable.Range(1, 8), Chosen(chosen).Except([9]));
    }

    [Fact]
    public void Within_a_full_budget_all_are_judged()
    {
        var chosen = new bool[5];
        new JudgingBudget().Choose(Waiting(5, _ => 0), 100, chosen);
        Assert.Equal(5, Chosen(chosen).Count());
    }

    [Fact]
    public void Of_windows_that_come_one_by_one_those_are_judged_that_stand_out_and_a_sixth()
    {
        var (budget, random, chosen) = (new JudgingBudget(), new Random(1), new bool[1]);
        List<(double Gate, bool Judged)> windows = [];
        for (var i = 0; i < 2000; i++)
        {
            var gate = random.NextDouble();
            budget.Choose(Waiting(1, _ => gate), 10, chosen);
            windows.Add((gate, chosen[0]));
        }

        Assert.InRange(windows.Count(w => w.Judged) / 2000.0, 0.15, 0.27);
        Assert.All(windows.Skip(200).Where(w => w.Gate > 0.97), w => Assert.True(w.Judged));
    }

    [Fact]
    public void A_batch_that_is_smaller_than_its_share_of_one_window_is_not_judged_for_its_size_alone()
    {
        var (budget, chosen, judged) = (new JudgingBudget(), new bool[4], 0);
        for (var i = 0; i < 600; i++)
        {
            budget.Choose(Waiting(4, _ => 0), 10, chosen);
            judged += Chosen(chosen).Count();
        }

        Assert.Equal(600 * 4 / JudgingBudget.MinimumShare, judged);
    }

    [Fact]
    public void A_short_backlog_waits_and_only_a_lasting_one_thins_out()
    {
        var clock = new FakeTimeProvider();
        var watch = new OverloadWatch(clock);
        Assert.Equal(100, watch.AffordablePercent(fullBatch: true));
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(100, watch.AffordablePercent(fullBatch: true));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(50, watch.AffordablePercent(fullBatch: true));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(100, watch.AffordablePercent(fullBatch: false));
    }

    private readonly EdgeGateway.Ingest.Sensor[] sensors = [.. Enumerable.Range(0, 10).Select(i => Any.Sensor($"s{i}"))];

    private List<Prompt> Waiting(int count, Func<int, double> gate) =>
        [.. Enumerable.Range(0, count).Select(i => new Prompt(Any.Window(sensors[i], 1) with { GateScore = gate(i) }, ""))];

    private static IEnumerable<int> Chosen(bool[] chosen) => chosen.Select((c, i) => (c, i)).Where(c => c.c).Select(c => c.i);
}
