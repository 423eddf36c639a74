using CsCheck;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>The outbox against a list in memory, under any order of commits, deliveries, restarts and changes of sinks.</summary>
public sealed class OutboxModelTests
{
    private static readonly string[] AllSinks = ["hub", "mqtt", "webhook"];
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.Select(Gen.Int[0, 5], Gen.Int[1, 4], Gen.Int[1, 3]).Array[1, 3].Select(changes => (Step)new Commit(changes))),
        (6, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4]).Select((sink, index) => (Step)new Deliver(AllSinks[sink], index))),
        (1, Gen.Int[0, 7].Select(set => (Step)new Register([.. AllSinks.Where((_, index) => (set & (1 << index)) != 0)]))),
        (1, Gen.Const((Step)new Restart())));

    private abstract record Step;

    private sealed record Commit((int Alert, int Sequence, int Severity)[] Changes) : Step;

    private sealed record Deliver(string Sink, int Index) : Step;

    private sealed record Register(string[] Sinks) : Step;

    private sealed record Restart : Step;

    [Fact]
    public void The_outbox_behaves_like_a_list_in_memory() => Steps.Array[1, 30].Sample(Run, iter: 100);

    private static void Run(Step[] steps)
    {
        using var folder = new TempFolder();
        var store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));
        try
        {
            var model = new Model();
            foreach (var step in steps)
            {
                Apply(step, ref store, model, folder.Path);
                Compare(store, model);
            }
        }
        finally
        {
            store.Dispose();
        }
    }

    private static void Apply(Step step, ref GatewayStore store, Model model, string folder)
    {
        switch (step)
        {
            case Commit(var changes):
                var transitions = changes.Select(one => Some.Transition($"a{one.Alert}", one.Sequence, $"s{one.Alert % 3}", one.Severity)).ToList();
                Assert.Equal(model.Commit(transitions), store.Commit(transitions));
                break;
            case Deliver(var sink, var index) when model.Next(sink, 5) is var next && index < next.Count:
                store.MarkDelivered(sink, store.NextPending(sink, 5)[index].Entry);
                model.Pending[sink].Remove(next[index]);
                break;
            case Register(var sinks):
                Assert.Equal(model.Register(sinks), store.RegisterSinks(sinks));
                break;
            case Restart:
                store.Dispose();
                store = GatewayStore.Open(folder, new FakeTimeProvider(Some.Noon));
                Assert.Null(store.Damage);
                break;
        }
    }

    private static void Compare(GatewayStore store, Model model)
    {
        foreach (var sink in AllSinks)
        {
            Assert.Equal(model.Next(sink, 2).Select(Id), store.NextPending(sink, 2).Ids());
            Assert.Equal(model.Next(sink, 1000).Select(Id), store.NextPending(sink, 1000).Ids());
        }

        Assert.Equal(model.Pending.OrderBy(sink => sink.Key).Select(sink => (sink.Key, sink.Value.Count)), store.Backlogs().Select(sink => (sink.Sink, sink.Pending)));
        Assert.Equal(model.Sequences.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)), store.OpenAlerts().Select(one => (one.AlertId, one.Sequence)).OrderBy(one => one.AlertId));
    }

    private static string Id(AlertTransition transition) => $"{transition.State.AlertId}.{transition.State.Sequence}";

    /// <summary>As plain as the rule reads.</summary>
    private sealed class Model
    {
        public Dictionary<string, int> Sequences { get; } = [];

        public Dictionary<string, List<AlertTransition>> Pending { get; private set; } = [];

        /// <summary>By sink, the alerts that were known before it.</summary>
        private readonly Dictionary<string, HashSet<string>> withheld = [];

        public int Commit(IEnumerable<AlertTransition> transitions)
        {
            var added = 0;
            foreach (var one in transitions.Where(one => one.State.Sequence > Sequences.GetValueOrDefault(one.State.AlertId)))
            {
                Sequences[one.State.AlertId] = one.State.Sequence;
                Pending.Where(sink => !withheld[sink.Key].Contains(one.State.AlertId)).ToList().ForEach(sink => sink.Value.Add(one));
                added++;
            }

            return added;
        }

        public int Register(string[] sinks)
        {
            var dropped = Pending.Where(sink => !sinks.Contains(sink.Key)).Sum(sink => sink.Value.Count);
            foreach (var added in sinks.Except(Pending.Keys))
            {
                withheld[added] = [.. Sequences.Keys];
            }

            Pending = sinks.ToDictionary(sink => sink, sink => Pending.GetValueOrDefault(sink) ?? []);
            return dropped;
        }

        public List<AlertTransition> Next(string sink, int max)
        {
            var waiting = Pending.GetValueOrDefault(sink)?.ToList() ?? [];
            var next = new List<AlertTransition>();
            while (next.Count < max && waiting.Count > 0)
            {
                var best = waiting.GroupBy(one => one.State.Subject).Select(subject => subject.First()).OrderByDescending(head => head.Severity).ThenBy(waiting.IndexOf).First();
                next.Add(best);
                waiting.Remove(best);
            }

            return next;
        }
    }
}
