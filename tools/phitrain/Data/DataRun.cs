using EdgeGateway.PhiTrain.Commands;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>Makes the parts of a plan that are not on disk yet.</summary>
internal sealed class DataRun(DataPlan plan, PartFolder folder, ProgressLog log)
{
    /// <summary>All series of the plan in its order.</summary>
    /// <exception cref="FormatException">A recording cannot be used.</exception>
    public RawSeries[] Run()
    {
        var parts = plan.Parts();
        var made = parts.Select(p => folder.Read(p.Name)).ToArray();
        if (made.Any(m => m is not null) || folder.Unusable > 0)
        {
            log.Say($"{made.Count(m => m is not null)} of {parts.Count} parts were there{(folder.Unusable > 0 ? $"; {folder.Unusable} cut off or of other settings are made again" : "")}");
        }

        var (total, done) = (parts.Sum(p => p.Units), parts.Where((_, i) => made[i] is not null).Sum(p => p.Units));
        var progress = log.Start(plan.Recordings.Count == 0 ? "series" : "series and recordings", total, done);

        // recordings first: a faulty one is found at once, not after minutes
        foreach (var i in Enumerable.Range(0, parts.Count).Reverse().Where(i => made[i] is null))
        {
            made[i] = parts[i].Make(() => progress.Report(Interlocked.Increment(ref done)));
            folder.Write(parts[i].Name, made[i]!);
        }

        return [.. made.SelectMany(m => m!)];
    }
}
