using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeGateway.Phi;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>What loading takes, in a process that does nothing else: weights mapped from their files, or read in memory where a caller put them.</summary>
internal static class LoadBench
{
    private const int Page = 4096;

    /// <summary>Seconds of loading itself, and megabytes of the process at most and after one verdict.</summary>
    public static (double Seconds, double Peak, double Resident) Run(string folder, ComputeForm form, bool inMemory)
    {
        var options = new PhiModelOptions { Compute = form };
        var memory = inMemory ? Read(folder) : null;
        var began = Stopwatch.GetTimestamp();
        using var model = memory is null ? PhiModel.Load(folder, options) : PhiModel.Load(memory, options);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        using var scorer = new LabelScorer(model, [1], [[1], [2]]);
        scorer.Score(BenchPlan.Tokens(64, model.Config.VocabularySize), new float[2]);
        GC.Collect();
        return (seconds, ProcessMemory.Peak(), ProcessMemory.Resident());
    }

    /// <summary>JSON and graph on the managed heap, all else in native memory that begins at a page.</summary>
    private static unsafe ModelMemory Read(string folder)
    {
        var (files, weights) = (new Dictionary<string, ReadOnlyMemory<byte>>(), new Dictionary<string, NativeRange>());
        foreach (var file in new DirectoryInfo(folder).GetFiles())
        {
            if (file.Extension is ".json" or ".onnx" or ".jinja")
            {
                files.Add(file.Name, File.ReadAllBytes(file.FullName));
                continue;
            }

            var address = (nint)NativeMemory.AlignedAlloc((nuint)file.Length, Page);
            using var stream = new UnmanagedMemoryStream((byte*)address, file.Length, file.Length, FileAccess.Write);
            using var from = file.OpenRead();
            from.CopyTo(stream);
            weights.Add(file.Name, new NativeRange(address, file.Length));
        }

        return new ModelMemory(files, weights, () =>
        {
            foreach (var range in weights.Values)
            {
                NativeMemory.AlignedFree((void*)range.Address);
            }
        })
        {
            DiscardPacked = true,
        };
    }
}
