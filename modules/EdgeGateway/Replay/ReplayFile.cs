using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace EdgeGateway.Replay;

/// <summary>One file to replay.</summary>
/// <param name="Name">As it stands in the labels and in the output.</param>
/// <param name="Labels">Null when nothing is known of it.</param>
internal sealed record ReplayFile(string Path, string Name, SeriesLabels? Labels)
{
    /// <summary>The file of this path, or those of a folder: what its labels.json names, else all CSV files in it.</summary>
    /// <exception cref="IOException">There is no such file or folder, or a file that the labels name is missing.</exception>
    /// <exception cref="FormatException">The labels cannot be used.</exception>
    public static IReadOnlyList<ReplayFile> At(string path)
    {
        if (File.Exists(path))
        {
            return [new ReplayFile(path, System.IO.Path.GetFileName(path), null)];
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"{path} is neither a file nor a folder.");
        }

        ReplayFile[] files = SeriesLabels.Load(path) is { } labels
            ? [.. labels.Select(l => new ReplayFile(System.IO.Path.Combine(path, l.Key), l.Key, l.Value))]
            : [.. Directory.EnumerateFiles(path, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => new ReplayFile(f, System.IO.Path.GetRelativePath(path, f), null))];
        return Array.Find(files, f => !File.Exists(f.Path)) is { } missing
            ? throw new FileNotFoundException($"{missing.Path}, which {SeriesLabels.FileName} names, does not exist.")
            : files;
    }

    /// <summary>Bytes of all files.</summary>
    public static long Bytes(IEnumerable<ReplayFile> files) => files.Sum(f => new FileInfo(f.Path).Length);

    /// <summary>Works on all files, as many at once as there are cores; results in their order. What one file throws ends all.</summary>
    public static IReadOnlyList<T> ForEach<T>(IReadOnlyList<ReplayFile> files, Func<ReplayFile, T> work)
    {
        var results = new T[files.Count];
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, files.Count), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                index => results[index] = work(files[index]));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return results;
    }
}
