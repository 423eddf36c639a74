using CsCheck;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Alerts;

/// <summary>The life cycle as a state machine: conditions, maintenance, operators, restarts and a clock that is set, in any order.</summary>
public sealed class LifeCycleProperties : IDisposable
{
    private static readonly Sensor[] Sensors =
    [
        AlarmBench.Sensor("a/1", "a"), AlarmBench.Sensor("a/2", "a"), AlarmBench.Sensor("b/1", "b"), AlarmBench.Sensor("c/1", "c"), AlarmBench.Sensor("d/1", "d"),
        AlarmBench.Sensor("e/1", "e", source: "reactors", criticality: Criticality.Critical),
    ];

    private static readonly Gen<(int Kind, int Which, int Amount)[]> Steps = Gen.Select(Gen.Int[0, 11], Gen.Int[0, Sensors.Length - 1], Gen.Int[0, 11]).Array[1, 120];
    private static readonly TimeSpan Realarm = TimeSpan.FromHours(2);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-lifecycle-");

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public Task Whatever_happens_alerts_are_raised_before_they_end_once_at_a_time_and_none_is_lost() => Steps.SampleAsync(
        async steps =>
        {
            var run = new Run(Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.snapshot"));
            foreach (var (kind, which, amount) in steps)
            {
                await run.StepAsync(kind, Sensors[which], amount);
                run.AssertWhole();
                run.AssertMaintained();
            }

            run.AssertNothingLost();
        },
        iter: 300, threads: 1);

    /// <summary>One run, and what is true of the plant.</summary>
    private sealed class Run(string snapshot)
    {
        private readonly AlarmBench bench = new(maxPerHour: 6, realarm: Realarm)
        {
            Windows = [new MaintenanceWindow("wash", ["c*", "e"], Any.Noon.AddHours(2), TimeSpan.FromHours(1), TimeSpan.FromDays(1)), new MaintenanceWindow("oil", ["a", "c"], Any.Noon.AddHours(1), TimeSpan.FromHours(3), null)],
        };

        private readonly HashSet<(Sensor Sensor, string Family)> holds = [];
        private readonly HashSet<string> commanded = [];
        private HashSet<string> outBefore = [];
        private int before;
        private int begun;

        public async Task StepAsync(int kind, Sensor sensor, int amount)
        {
            switch (kind)
            {
                case 0 or 1:
                    Change(sensor, Family.Silent, !holds.Contains((sensor, Family.Silent)));
                    break;
                case 2 or 3:
                    Change(sensor, Family.Limit, !holds.Contains((sensor, Family.Limit)));
                    break;
                case 4 or 5:
                    bench.Pass(TimeSpan.FromMinutes(amount));
                    bench.Healthy(sensor);
                    break;
                case 6:
                    bench.Pass(TimeSpan.FromHours(amount % 2 == 0 ? 1 : -1));
                    break;
                case 7 or 8:
                    Command((AlertAction)(amount % 3), amount);
                    break;
                case 9 or 10:
                    Assert.Contains(bench.Maintain(sensor.Asset, TimeSpan.FromHours(amount % 4)).Status, (int[])[200, 404, 409]);
                    break;
                default:
                    await bench.RestartAsync(amount < 6 ? snapshot : null, lost: amount < 6 ? 0 : Math.Min(amount - 6, bench.Transitions.Count - before));
                    NoticeAgain();
                    bench.Pass(TimeSpan.Zero);
                    break;
            }
        }

        /// <summary>Every alert begins with its raise, counts on, ends at most once, and a condition has one open alert.</summary>
        public void AssertWhole()
        {
            foreach (var alert in bench.Transitions.GroupBy(t => t.AlertId))
            {
                var steps = alert.ToArray();
                Assert.Equal(Enumerable.Range(1, steps.Length), steps.Select(s => s.Sequence));
                Assert.Equal(Transition.Raised, steps[0].Transition);
                Assert.Single(steps, s => s.Transition == Transition.Raised);
                Assert.InRange(steps.Count(s => s.Transition == Transition.Cleared), 0, 1);
                Assert.All(steps.SkipWhile(s => s.Active).Skip(1), s => Assert.Contains(s.Transition, (Transition[])[Transition.Acknowledged, Transition.Unshelved]));
                var again = steps.Where(s => s.Transition == Transition.Updated && !IsOfMaintenance(s)).ToArray();
                Assert.Equal(Enumerable.Range(1, again.Length).Select(n => (double)n), again.Select(s => s.Evidence.Single(e => e.Key == "realarms").Value));
                Assert.All(again, s => Assert.Equal((true, null, null), (s.Active, s.AcknowledgedAt, s.ShelvedUntil)));
                Assert.All(steps.Where(s => s.By.Length > 0 && !IsOfMaintenance(s)), s => Assert.Contains($"{alert.Key} {s.Transition}", commanded));
            }

            var open = bench.Transitions.GroupBy(t => t.AlertId).Select(a => a.Last()).Where(a => a.Active).ToArray();
            Assert.Equal(open.Length, open.DistinctBy(a => (a.Subject, a.Family)).Count());
        }

        /// <summary>What is open says whether its asset is out of service and until when, an alert of each such asset does too, and nothing of it was told while it was so.</summary>
        public void AssertMaintained()
        {
            var open = bench.Transitions.GroupBy(t => t.AlertId).Select(a => a.Last()).Where(a => a.Active).ToArray();
            var until = open.Where(a => a.Kind == "maintenance").ToDictionary(a => a.Asset, a => a.OutOfServiceUntil);
            Assert.All(until.Keys, asset => Assert.True(bench.Maintenance.IsOutOfService(asset)));
            Assert.Equal(until.Count, Sensors.Select(s => s.Asset).Distinct().Count(bench.Maintenance.IsOutOfService));
            Assert.All(open.Where(a => a.Family != Family.Own), a => Assert.Equal(until.GetValueOrDefault(a.Asset), a.OutOfServiceUntil));
            Assert.DoesNotContain(bench.Transitions.Skip(before), t => t.Transition is Transition.Raised or Transition.Updated && t.Family != Family.Own && outBefore.Contains(t.Asset) && until.ContainsKey(t.Asset));
            (outBefore, before) = ([.. until.Keys], bench.Transitions.Count);
        }

        /// <summary>After a day in which nobody shelves anything, each condition that holds has its alert or one beside it that says as much, and no other has one.</summary>
        public void AssertNothingLost()
        {
            bench.Windows = [];
            for (var hour = 0; hour < 30; hour++)
            {
                bench.Pass(TimeSpan.FromHours(1));
                Array.ForEach(Sensors, bench.Healthy);
            }

            AssertWhole();
            AssertMaintained();
            Assert.Empty(outBefore);
            var open = bench.Transitions.GroupBy(t => t.AlertId).Select(a => a.Last()).Where(a => a.Active && a.Family != Family.Own).ToArray();
            Assert.All(open, alert => Assert.InRange(bench.Now - alert.ToldAt!.Value, TimeSpan.Zero, Realarm + TimeSpan.FromHours(1)));
            Assert.All(open, alert => Assert.Contains(holds, h => h.Sensor.Id == alert.Subject && h.Family == alert.Family));
            foreach (var (sensor, family) in holds)
            {
                var told = open.Any(a => a.Subject == sensor.Id && a.Family == family);
                var beside = family == Family.Silent && (open.Any(a => a.Family == family && a.Asset == sensor.Asset) || open.Count(a => a.Family == family && a.Source == sensor.Source.Name) >= 3);
                Assert.True(told || beside, $"{sensor.Id} {family} is not told");
            }

            var raised = bench.Transitions.Count(t => t.Transition == Transition.Raised && t.Family != Family.Own);
            var held = bench.Rules.LifeCycle.Conditions.All.Count(c => c.Held is not null);
            Assert.InRange(raised + held + bench.Accounting.Total("alerts.suppressed"), 0, begun);
        }

        private static bool IsOfMaintenance(Alert step) => step.Kind == "maintenance" || step.Transition is Transition.OutOfService or Transition.InService;

        private void Change(Sensor sensor, string family, bool to)
        {
            _ = to ? holds.Add((sensor, family)) : holds.Remove((sensor, family));
            begun += to ? 1 : 0;
            if (family == Family.Silent)
            {
                bench.Silent(sensor, to);
            }
            else
            {
                bench.Limit(sensor, to);
            }
        }

        /// <summary>After a restart the stages before see anew what does not agree with the alerts on disk.</summary>
        private void NoticeAgain()
        {
            foreach (var sensor in Sensors)
            {
                foreach (var family in (string[])[Family.Silent, Family.Limit])
                {
                    var known = bench.Rules.LifeCycle.Conditions.IsActive(sensor.Id, family);
                    if (known != holds.Contains((sensor, family)))
                    {
                        Change(sensor, family, !known);
                    }
                }
            }
        }

        private void Command(AlertAction action, int amount)
        {
            var known = bench.Transitions.Where(t => t.Family != Family.Own).Select(t => t.AlertId).Distinct().Reverse().ElementAtOrDefault(amount / 3) ?? "abcdefghij2345672345";
            var before = bench.Transitions.Count;
            var result = bench.Command(action, known, TimeSpan.FromHours(1 + amount));
            Assert.True((result.Status == 200) == (result.Alert is not null) && (bench.Transitions.Count > before) == (result.Status == 200), result.Sentence);
            commanded.Add($"{known} {action switch { AlertAction.Acknowledge => Transition.Acknowledged, AlertAction.Shelve => Transition.Shelved, _ => Transition.Unshelved }}");
        }
    }
}
