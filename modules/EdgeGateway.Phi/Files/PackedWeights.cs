using System.Runtime.InteropServices;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi.Files;

/// <summary>Weights in memory of which the runtime keeps a packed copy, so that the originals are dead: the codes of 4-bit products.</summary>
internal static class PackedWeights
{
    private const int DontNeed = 4; // MADV_DONTNEED: the pages are zero when they are read again
    private static readonly int[] ProbeLengths = [1, 2, 3, 40];

    /// <summary>Gives their pages back, and proves with runs of several lengths, which take different kernels, that nothing reads them.</summary>
    public static void Discard(PhiModel model, OnnxGraph graph, ModelMemory memory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var before = Probe(model);
        foreach (var codes in graph.Nodes.Where(node => node.OpType == "MatMulNBits" && node.Integer("bits", 4) == 4).Select(node => node.Input[1]).ToHashSet())
        {
            if (graph.Weight(codes) is { ExternalData.Count: > 0 } weight && graph.Nodes.Count(node => node.Input.Contains(codes)) == 1)
            {
                Discard(memory.Weights[ModelFiles.Location(weight)], weight);
            }
        }

        if (!before.AsSpan().SequenceEqual(Probe(model)))
        {
            throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"{graph.File}: the runtime reads weights that it was thought to have packed; load the model without discarding them.");
        }
    }

    private static void Discard(NativeRange range, TensorProto weight)
    {
        var page = Environment.SystemPageSize;
        var (offset, length) = ModelFiles.Place(weight, range.Length);
        var from = (range.Address + (nint)offset + page - 1) / page * page;
        var to = (range.Address + (nint)(offset + length)) / page * page;
        if (to <= from)
        {
            return;
        }

        _ = Unlock(from, (nuint)(to - from)); // locked pages are not given back
        if (Advise(from, (nuint)(to - from), DontNeed) != 0)
        {
            throw new IOException($"Memory of a model could not be given back (madvise, error {Marshal.GetLastPInvokeError()}).");
        }
    }

    [DllImport("libc", EntryPoint = "munlock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unlock(nint address, nuint length);

    private static float[] Probe(PhiModel model)
    {
        using var sequence = new TokenSequence(model, null, ProbeLengths.Max());
        return [.. ProbeLengths.Where(length => length <= model.Config.ContextLength).SelectMany(length =>
        {
            sequence.Truncate(0);
            return sequence.Append([.. Enumerable.Range(0, length).Select(token => token % model.Config.VocabularySize)]).ToArray();
        })];
    }

    [DllImport("libc", EntryPoint = "madvise", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint address, nuint length, int advice);
}
