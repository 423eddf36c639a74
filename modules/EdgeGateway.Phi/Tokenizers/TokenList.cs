using System.Buffers;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>A growing list of ids that begins in memory of the caller's, mostly on its stack, and rents more when that is full.</summary>
internal ref struct TokenList(Span<int> first)
{
    private Span<int> room = first;
    private int[]? rented;

    public int Count { get; private set; }

    public readonly Span<int> Items => room[..Count];

    public void Add(int id)
    {
        if (Count == room.Length)
        {
            Grow();
        }

        room[Count++] = id;
    }

    public void Dispose()
    {
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
            rented = null;
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<int>.Shared.Rent(Math.Max(256, 2 * room.Length));
        room.CopyTo(larger);
        Dispose();
        rented = larger;
        room = larger;
    }
}
