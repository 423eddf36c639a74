using CsCheck;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>
/// What a sink gets of the outbox under any order of alerts, deliveries, refusals, time and kills, within narrow bounds: order per subject, no clear without a raise, every
/// transition told or accounted for.
/// </summary>
public sealed class OutboxProperties
{
    private const int Subjects = 4;
    private static readonly string[] Sinks = ["hub", "mqtt"];
    private static readonly OutboxBounds Narrow = new(900, 12, TimeSpan.FromHours(10)) { FoldFrom = 8 };
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Gen.Int[0, Subjects - 1], Gen.Int[0, 3], Gen.Int[1, 9]).Array[1, 6].Select(c => (Step)new Commit(c))),
        (6, Gen.Select(Gen.Int[0, 1], Gen.Int[1, 6], Gen.Int[0, 6], Gen.Int[0, 2]).Select((sink, max, taken, end) => (Step)new Send(Sinks[sink], max, taken, (End)end))),
        (1, Gen.Int[0, 1].Select(sink => (Step)new Bury(Sinks[sink]))),
        (1, Gen.Int[1, 8].Select(hours => (Step)new Pass(TimeSpan.FromHours(hours)))),
        (1, Gen.Const((Step)new Restart())));

    private enum End { Settled, Refused, Killed }

    private abstract record Step;

    /// <param name="Changes">Subject; what happens to one of its two families (0, 1: the next transition, 2, 3: its end); severity.</param>
    private sealed record Commit((int Subject, int What, int Severity)[] Changes) : Step;

    /// <param name="Taken">How many of the batch the sink takes.</param>
    private sealed record Send(string Sink, int Max, int Taken, End End) : Step;

    private sealed record Bury(string Sink) : Step;

    private sealed record Pass(TimeSpan Time) : Step;

    private sealed record Restart : Step;

    [Fact]
    public void Whatever_happens_every_sink_gets_its_alerts_in_order_with_raise_and_end_or_they_are_accounted_for() => Steps.Array[1, 120].Sample(Run, iter: 100);

    private static void Run(Step[] steps)
    {
        using var site = new Site();
        foreach (var step in steps)
        {
            site.Do(step);
            site.AssertBoundedAndAccounted();
        }

        site.DrainAll();
        site.AssertBoundedAndAccounted();
        site.AssertTold();
    }

    /// <summary>A store, the alerts of a made-up plant, and what each sink has seen.</summary>
    private sealed class Site : IDisposable
    {
        private readonly TempFolder folder = new();
        private readonly FakeTimeProvider clock = new(Some.Noon);
        private readonly Dictionary<string, int> open = [];
        private readonly List<(string Alert, int Sequence, string Subject, bool Ends)> committed = [];
        private readonly Dictionary<string, List<OutboxEntry>> seen = Sinks.ToDictionary(s => s, _ => new List<OutboxEntry>());
        private readonly Dictionary<string, HashSet<string>> buried = Sinks.ToDictionary(s => s, _ => new HashSet<string>());

        /// <summary>Sent in a short backlog and not marked for a kill: the one case in which an alert may expire that the sink has (docs/adr/0009).</summary>
        private readonly Dictionary<string, HashSet<string>> forgotten = Sinks.ToDictionary(s => s, _ => new HashSet<string>());
        private GatewayStore store;
        private int alerts;

        public Site()
        {
            store = Open();
            store.RegisterSinks(Sinks);
        }

        public void Dispose()
        {
            store.Dispose();
            folder.Dispose();
        }

        public void Do(Step step)
        {
            switch (step)
            {
                case Commit(var changes):
                    store.Commit([.. changes.Select(c => Next(c.Subject, c.What, c.Severity))]);
                    break;
                case Send send:
                    Deliver(send);
                    break;
                case Bury(var sink) when store.Take(sink, 1) is [var entry]:
                    store.MarkDead(sink, entry, "no");
                    store.Settle(sink, []);
                    buried[sink].Add(entry.AlertId);
                    break;
                case Pass(var time):
                    clock.Advance(time);
                    break;
                case Restart:
                    Reopen();
                    break;
            }
        }

        public void DrainAll()
        {
            foreach (var sink in Sinks)
            {
                while (store.NextPending(sink, 1).Count > 0)
                {
                    Deliver(new Send(sink, 100, 100, End.Settled));
                }
            }
        }

        public void AssertBoundedAndAccounted()
        {
            foreach (var backlog in store.Backlogs())
            {
                var (t, waiting) = (backlog.Tally, store.NextPending(backlog.Sink, 1000));
                Assert.Equal((t.Entries, t.Bytes, t.Alerts), (waiting.Count, waiting.Sum(e => e.Body.Length), waiting.Select(e => e.AlertId).Distinct().Count()));
                Assert.Equal(t.CarriedAlerts + t.Raised, t.Delivered + t.Dead + t.Expired + t.Evicted + backlog.Alerts);
                Assert.Equal(t.CarriedEntries + t.NewEntries, t.DeliveredEntries + t.DeadEntries + t.Folded + t.Withheld + backlog.Pending);

                // what the sink may have seen has to stay; the rest is within the bounds
                var unseen = waiting.Where(e => e.First == 1 && !seen[backlog.Sink].Any(s => s.AlertId == e.AlertId)).Select(e => e.AlertId).ToHashSet();
                Assert.True(t.Alerts <= Narrow.Alerts || t.Alerts - unseen.Count >= Narrow.Alerts - 6, $"{t.Alerts} alerts wait, {unseen.Count} of them unseen");
            }
        }

        public void AssertTold()
        {
            foreach (var sink in Sinks)
            {
                var told = seen[sink].DistinctBy(e => (e.AlertId, e.Sequence)).ToList();
                foreach (var subject in told.GroupBy(e => e.Subject))
                {
                    Assert.Equal(subject.OrderBy(e => committed.FindIndex(c => (c.Alert, c.Sequence) == (e.AlertId, e.Sequence))).Select(e => e.IdOf()), subject.Select(e => e.IdOf()));
                }

                foreach (var alert in told.GroupBy(e => e.AlertId).Where(a => !buried[sink].Contains(a.Key) && !forgotten[sink].Contains(a.Key)))
                {
                    var covered = alert.SelectMany(e => Enumerable.Range(e.First, e.Sequence - e.First + 1)).Distinct().Order();
                    Assert.Equal(Enumerable.Range(1, committed.Count(c => c.Alert == alert.Key)), covered);
                }
            }
        }

        private AlertTransition Next(int subject, int what, int severity)
        {
            var condition = $"{subject}/{what % 2}";
            if (!open.TryGetValue(condition, out var alert))
            {
                alert = open[condition] = alerts++;
            }

            var id = $"a{alert:D4}";
            var sequence = 1 + committed.Count(c => c.Alert == id);
            var ends = what >= 2 && sequence > 1;
            if (ends)
            {
                open.Remove(condition);
            }

            committed.Add((id, sequence, $"s{subject}", ends));
            return Some.Transition(id, sequence, $"s{subject}", severity * 100, !ends) with { Body = new byte[40] };
        }

        /// <summary>A kill comes after the sink has seen what it takes, before that is marked.</summary>
        private void Deliver(Send send)
        {
            var batch = store.Take(send.Sink, send.Max);

            // after what expires with it
            var wasShort = store.Tallies[send.Sink].Entries < Narrow.FoldFrom;
            var takes = batch.Take(send.Taken).ToList();
            seen[send.Sink].AddRange(takes);
            var tried = batch.Skip(send.Taken).FirstOrDefault();
            switch (send.End)
            {
                case End.Killed:
                    forgotten[send.Sink].UnionWith(wasShort ? takes.Select(e => e.AlertId) : []);
                    Reopen();
                    break;
                case End.Refused when tried is not null:
                    // it came, and the acknowledgement did not
                    seen[send.Sink].Add(tried);
                    store.Settle(send.Sink, [.. takes.Select(e => e.Entry)], tried.Entry);
                    break;
                default:
                    store.Settle(send.Sink, [.. takes.Select(e => e.Entry)]);
                    break;
            }
        }

        private void Reopen()
        {
            store.Dispose();
            store = Open();
            Assert.Null(store.Damage);
        }

        private GatewayStore Open()
        {
            var opened = GatewayStore.Open(folder.Path, clock);
            opened.Bounds = Narrow;
            return opened;
        }
    }
}
