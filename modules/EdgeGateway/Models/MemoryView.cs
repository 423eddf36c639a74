using System.Buffers;

namespace EdgeGateway.Models;

/// <summary>A file in native memory as the managed world reads it, without a copy. Dead when the memory is given back.</summary>
internal sealed unsafe class MemoryView(WeightMemory memory, long offset, int length) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(memory.Start + offset, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(memory.Start + offset + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // native memory does not move
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // the memory is somebody else's
    }
}
