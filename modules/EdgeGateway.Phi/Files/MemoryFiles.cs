using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi.Files;

/// <summary>The files of a <see cref="ModelMemory"/>.</summary>
internal sealed class MemoryFiles(ModelMemory memory) : ModelFiles
{
    public override long Length(string name, string namedBy) => !IsPlain(name) ? throw NotPlain(name, namedBy)
        : memory.Files.TryGetValue(name, out var file) ? file.Length
        : memory.Weights.TryGetValue(name, out var weights) ? weights.Length
        : throw Missing(name, namedBy);

    public override void Attach(SessionOptions settings)
    {
        // without this the runtime copies all of it
        settings.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
        InMemoryWeights.Add(settings, memory.Weights);
    }

    public override string Cleaned(string message) => message;

    protected override unsafe bool TryRead(string name, long offset, Span<byte> destination)
    {
        if (memory.Files.TryGetValue(name, out var file))
        {
            file.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        }
        else
        {
            new ReadOnlySpan<byte>((void*)(memory.Weights[name].Address + (nint)offset), destination.Length).CopyTo(destination);
        }

        return true;
    }
}
