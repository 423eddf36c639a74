using System.Collections.Concurrent;

namespace EdgeGateway.Stages;

/// <summary>
/// Where every reading, window and alert went. Readings, by source: received = taken + late + duplicate + retained + rejected{reason} + foreign. Windows: closed = judged + not
/// judged{reason}. Alerts are counted by the store, sink by sink: <see cref="Storage.SinkTally"/>.
/// </summary>
internal sealed class Accounting
{
    private readonly ConcurrentDictionary<(string Name, string Source, string Reason), Counter> counters = new();

    /// <summary>The counter of this name and labels; keep it where it is used often.</summary>
    public Counter Of(string name, string source = "", string reason = "") => counters.GetOrAdd((name, source, reason), _ => new Counter());

    /// <summary>Sum over all sources and reasons of one name.</summary>
    public long Total(string name) => counters.Where(c => c.Key.Name == name).Sum(c => c.Value.Value);

    /// <summary>Every counter that is not zero, in a stable order.</summary>
    public IEnumerable<(string Name, string Source, string Reason, long Value)> All() =>
        counters.Where(c => c.Value.Value != 0)
            .Select(c => (c.Key.Name, c.Key.Source, c.Key.Reason, c.Value.Value))
            .OrderBy(c => c, Comparer<(string Name, string Source, string Reason, long Value)>.Create(
                (a, b) => string.CompareOrdinal($"{a.Name}\0{a.Source}\0{a.Reason}", $"{b.Name}\0{b.Source}\0{b.Reason}")));

    /// <summary>Readings that ended somewhere: equals <c>received</c> once nothing is in flight.</summary>
    public long ReadingsAccounted() => ReadingEnds.Sum(Total);

    private static readonly string[] ReadingEnds = ["taken", "late", "duplicate", "retained", "rejected", "foreign"];

    /// <summary>A count that many threads raise.</summary>
    public sealed class Counter
    {
        private long value;

        /// <summary>The count so far.</summary>
        public long Value => Interlocked.Read(ref value);

        /// <summary>Adds.</summary>
        public void Add(long count = 1) => Interlocked.Add(ref value, count);

        /// <summary>Says how many there are now, where that is not a sum.</summary>
        public void Set(long count) => Interlocked.Exchange(ref value, count);
    }
}
