using System.Text;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>The JSON pointers of one source as a tree, so that one walk over the payload finds all of them.</summary>
internal sealed class PayloadMap
{
    private readonly Node root = new([], -1);

    public PayloadMap(SourceSettings source)
    {
        Source = source;
        States = [.. source.States.Select(s => (Encoding.UTF8.GetBytes(s.Key), s.Value))];
        ValueCount = source.Values?.Length ?? (source.AllValues ? 0 : 1);
        if (source.Payload == PayloadForm.OpcUa)
        {
            Fields = (source.Values ?? []).Select((v, slot) => (Field: Encoding.UTF8.GetString(v.Pointer.Segments[0]), slot)).ToLookup(v => v.Field, v => v.slot, StringComparer.Ordinal);
            return;
        }

        TimeSlot = ValueCount;
        QualitySlot = ValueCount + 1;
        for (var i = 0; source.Values is { } values && i < values.Length; i++)
        {
            Insert(values[i].Pointer, i);
        }

        if (source.Time is { } time)
        {
            Insert(time, TimeSlot);
        }

        if (source.Quality is { } quality)
        {
            Insert(quality.Pointer, QualitySlot);
        }
    }

    public SourceSettings Source { get; }

    /// <summary>Texts that stand for numbers, in UTF-8.</summary>
    public (byte[] Text, double Number)[] States { get; }

    /// <summary>Number of mapped values: slots 0..ValueCount-1.</summary>
    public int ValueCount { get; }

    public int TimeSlot { get; }

    public int QualitySlot { get; }

    public int SlotCount => QualitySlot + 1;

    /// <summary>Slots by field of an OPC UA data set.</summary>
    public ILookup<string, int> Fields { get; } = Enumerable.Empty<int>().ToLookup(_ => "");

    /// <summary>Whether the payload is one bare number instead of a JSON object.</summary>
    public bool IsBareNumber => Source.Values is null && !Source.AllValues;

    public Node Root => root;

    /// <summary>Whether the source has a value of this name; "" is the bare number.</summary>
    public bool Has(string valueName) => Source.Values is { } values ? values.Any(v => v.Name == valueName) : Source.AllValues == valueName.Length > 0;

    private void Insert(JsonPointer pointer, int slot)
    {
        var node = root;
        foreach (var (segment, index) in pointer.Segments.Zip(pointer.Indexes))
        {
            node = node.ChildOrNew(segment, index);
        }

        node.Slots.Add(slot);
    }

    /// <summary>One property name or array index on the way to a value.</summary>
    internal sealed class Node(byte[] name, int index)
    {
        public byte[] Name { get; } = name;

        public List<Node> Children { get; } = [];

        /// <summary>What is read here; two values may point to one place.</summary>
        public List<int> Slots { get; } = [];

        public Node ChildOrNew(byte[] segment, int index)
        {
            var child = Children.Find(c => c.Name.AsSpan().SequenceEqual(segment));
            if (child is null)
            {
                child = new Node(segment, index);
                Children.Add(child);
            }

            return child;
        }

        public Node? ChildAt(int position) => Children.Find(c => c.Index == position);

        private int Index { get; } = index;
    }
}
