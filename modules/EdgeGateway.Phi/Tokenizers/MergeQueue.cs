namespace EdgeGateway.Phi.Tokenizers;

/// <summary>A binary heap of possible merges, lowest rank first, leftmost first among equal ranks.</summary>
internal ref struct MergeQueue(Span<ulong> room)
{
    private readonly Span<ulong> heap = room;
    private int count;

    public void Push(int rank, int position)
    {
        var item = ((ulong)(uint)rank << 32) | (uint)position;
        var at = count++;
        while (at > 0 && heap[(at - 1) / 2] > item)
        {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        heap[at] = item;
    }

    public bool TryPop(out int rank, out int position)
    {
        if (count == 0)
        {
            rank = position = 0;
            return false;
        }

        rank = (int)(heap[0] >> 32);
        position = (int)(uint)heap[0];
        Sink(heap[--count]);
        return true;
    }

    /// <summary>Puts the former last item where it belongs, starting from the empty top.</summary>
    private readonly void Sink(ulong item)
    {
        var at = 0;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child + 1 < count && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (child >= count || heap[child] >= item)
            {
                heap[at] = item;
                return;
            }

            heap[at] = heap[child];
            at = child;
        }
    }
}
