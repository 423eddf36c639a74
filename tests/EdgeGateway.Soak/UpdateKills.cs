using System.Globalization;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Soak.Updating;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Soak;

/// <summary>How often an update is killed.</summary>
/// <param name="Writes">At how many of the writes of slots.json, each in three ways: before, at the rename and behind it.</param>
/// <param name="InSteps">Times in each step, somewhere.</param>
/// <param name="Offsets">Bytes of the fetch.</param>
/// <param name="PerUpdate">Of these, in one update.</param>
/// <param name="Copies">Times while the inbox is copied.</param>
internal sealed record KillPlan(int Writes, int InSteps, int Offsets, int PerUpdate, int Copies);

/// <summary>
/// Whether a process that is killed anywhere in an update is in the old or in the new state at its next start, finishes by itself, and leaves nothing behind: no superfluous file, and no byte of
/// plain weights on any disk.
/// </summary>
internal sealed class UpdateKills(TextWriter output, KillPlan plan)
{
    /// <summary>What <c>./soak updates</c> does.</summary>
    public static readonly KillPlan Whole = new(Writes: 14, InSteps: 5, Offsets: 200, PerUpdate: 20, Copies: 30);

    /// <summary>A sample of it.</summary>
    public static readonly KillPlan Few = new(Writes: 0, InSteps: 0, Offsets: 8, PerUpdate: 8, Copies: 2);

    private static readonly UpdateStep[] Steps = [UpdateStep.Fetch, UpdateStep.Verify, UpdateStep.Open, UpdateStep.Stage, UpdateStep.WarmUp, UpdateStep.Prove, UpdateStep.Activate, UpdateStep.Confirm];
    private readonly Random random = new(18);
    private readonly Dictionary<string, byte[]> canaries = [];
    private readonly List<string> problems = [];
    private readonly DateTimeOffset began = TimeProvider.System.GetUtcNow();
    private int release;
    private int kills;

    /// <summary>In which state the disk was found after kills.</summary>
    private (int Old, int New) found;
    private int finished;

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await using var site = await KillSite.StartAsync(token);
        await output.WriteLineAsync(Text($"{Environment.ProcessorCount} cores. A model replaces one that a package brought, over https or from the inbox; twelve sensors are judged meanwhile."));
        await site.SetUpAsync(token);
        var fresh = site.KeepData("fresh");
        site.CopyFrom(fresh);
        var first = await UpdatedAsync(site, token);
        await site.StopAsync(token);
        var kept = site.KeepData("first");
        await output.WriteLineAsync("killed                                            kills   found old   found new   finished   left behind");
        await WritesAsync(site, kept, first, token);
        await InStepsAsync(site, kept, first, token);
        await OffsetsAsync(site, fresh, token);
        await CopiesAsync(site, kept, first, token);
        var clean = await CanariesAsync(site, token);
        foreach (var problem in problems)
        {
            await output.WriteLineAsync(problem);
        }

        var holds = clean && problems.Count == 0;
        await output.WriteLineAsync(holds ? "updates: all targets met" : "updates: NOT all targets met");
        return holds;
    }

    /// <summary>At each write of slots.json, which is between two steps: killed before it, between it and its rename, and behind that; and the disk is full for this one.</summary>
    private async Task WritesAsync(KillSite site, string kept, SealedPackage old, CancellationToken token)
    {
        var (file, next) = (Path.Combine(site.Updates, "slots.json"), Model(site));
        (string What, string Path, string Calls, string Fault)[] faults =
        [
            ("before slots.json is written", file + ".tmp", "openat", "signal=KILL"),
            ("before it is renamed", file + ".tmp", "rename", "signal=KILL"),
            ("behind that", site.Updates, "fsync", "signal=KILL"),
            ("(not killed) the disk is full when it is written", file + ".tmp", "openat", "error=ENOSPC"),
        ];
        foreach (var (what, path, calls, fault) in faults)
        {
            var before = kills;
            for (var i = 1; i <= plan.Writes; i++)
            {
                site.CopyFrom(kept);
                site.AskFor(next);
                site.Run("strace", "-f", "-P", path, "-e", $"trace={calls}", "-e", Text($"inject={calls}:{fault}:when={i}"), "-o", "/dev/null");
                await DiedOrSettledAsync(site, next, token);
                problems.AddRange(kills > before && !fault.Contains("KILL", StringComparison.Ordinal) ? [Text($"at write {i} the process ended on a full disk: {site.Output}")] : []);
                await FinishAsync(site, old, next, what, token);
            }

            problems.AddRange(plan.Writes > 0 && kills == before && fault.Contains("KILL", StringComparison.Ordinal) ? [$"{what}: no kill landed"] : []);
            await RowAsync(what, before);
        }
    }

    private async Task InStepsAsync(KillSite site, string kept, SealedPackage old, CancellationToken token)
    {
        var next = Model(site);
        foreach (var step in Steps)
        {
            var before = kills;
            for (var i = 0; i < plan.InSteps; i++)
            {
                site.CopyFrom(kept);
                site.AskFor(next);
                site.Run();
                await site.HoldsAsync(() => IsIn(site.Model, step, next), $"it is in step {step}", token);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(step == UpdateStep.Prove ? 4000 : 30)), TimeProvider.System, token);
                site.Kill();
                kills++;
                await FinishAsync(site, old, next, $"in step {step}", token);
            }

            await RowAsync($"in step {step}, or soon after", before);
        }
    }

    /// <summary>At bytes in their order: what was fetched before the kill is gone on with. The image's model judges: a package that is killed three times before its first verdict is rolled back.</summary>
    private async Task OffsetsAsync(KillSite site, string fresh, CancellationToken token)
    {
        var before = kills;
        while (kills - before < plan.Offsets)
        {
            site.CopyFrom(fresh);
            var next = Model(site);
            site.AskFor(next);
            for (var left = Math.Min(plan.PerUpdate, plan.Offsets - (kills - before)); left > 0; left--)
            {
                // what is there already is not sent again
                site.KillAfter = 1 + random.NextInt64(Math.Max(1, (next.SealedSize - Fetched(site, next)) / (left + 1) * 2));
                site.Run();
                await DiedOrSettledAsync(site, next, token);
                Look(site, null, next, "while it fetches");
                if (site.KillAfter is not null)
                {
                    break;
                }
            }

            site.KillAfter = null;
            await FinishAsync(site, null, next, "while it fetches", token, isLooked: true);
        }

        await RowAsync("while it fetches, at random bytes", before);
    }

    private async Task CopiesAsync(KillSite site, string kept, SealedPackage old, CancellationToken token)
    {
        var before = kills;
        for (var i = 0; i < plan.Copies; i++)
        {
            site.CopyFrom(kept);
            site.AskFor(old);
            var next = site.Maker.Model(site.InboxFolder("next"), ++release);
            Know(next);
            var paths = next.Blobs.Select(b => Path.Combine(site.Updates, "blobs", b.SealedName)).SelectMany(p => (string[])[p, p + ".copy", p + ".copy.tmp"]).SelectMany(p => (string[])["-P", p]);
            site.Run(["strace", "-f", .. paths, "-e", "trace=pwrite64,fsync,rename,unlink", "-e", Text($"inject=pwrite64,fsync,rename,unlink:signal=KILL:when={1 + random.Next(28)}"), "-o", "/dev/null"]);
            await DiedOrSettledAsync(site, next, token);
            await FinishAsync(site, old, next, "while the inbox is copied", token);
        }

        problems.AddRange(kills == before ? ["while the inbox is copied: no kill landed"] : []);
        await RowAsync("while the inbox is copied", before);
    }

    /// <summary>An adapter, too, then all files are searched.</summary>
    private async Task<bool> CanariesAsync(KillSite site, CancellationToken token)
    {
        if (!site.IsRunning)
        {
            site.Run();
        }

        var under = site.Maker.Model(site.InboxFolder("last"), ++release);
        Know(under);
        await site.SettledAsync(under, token);
        var adapter = site.Maker.Adapter(site.InboxFolder("pumps"), 1, under.Base);
        Know(adapter);
        await site.SettledAsync(adapter, token);
        site.Kill();

        // the search must find what is there
        var planted = Path.Combine(site.Folder, "planted");
        DurableFile.Replace(planted, [.. new byte[(1 << 20) - 10], .. adapter.Canaries["adapter"]]);
        string[] folders = [site.Folder, Path.GetTempPath(), "/dev/shm", "/var/tmp", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)];
        var all = Canaries.Find(folders, [site.Maker.Plain], began, canaries, out var looked);
        var hits = all.Where(hit => !hit.EndsWith(planted, StringComparison.Ordinal)).ToList();
        problems.AddRange(all.Count == hits.Count ? ["The search does not find what was planted."] : []);
        await output.WriteLineAsync(Text($"{canaries.Count} pieces of plain weights were looked for in {looked} files that were written meanwhile: {hits.Count} found, and the one that was planted"));
        problems.AddRange(hits);
        return hits.Count == 0;
    }

    /// <summary>A first update without kills.</summary>
    private async Task<SealedPackage> UpdatedAsync(KillSite site, CancellationToken token)
    {
        var first = Model(site);
        site.AskFor(first);
        site.Run();
        await site.SettledAsync(first, token);
        return first;
    }

    private SealedPackage Model(KillSite site)
    {
        var package = site.Maker.Model(site.ServerFolder(Text($"model-{++release}")), release);
        Know(package);
        return package;
    }

    private void Know(SealedPackage package)
    {
        foreach (var (what, bytes) in package.Canaries)
        {
            canaries[Text($"{what} of {package.Slot.Name} {package.Release}")] = bytes;
        }
    }

    private async Task DiedOrSettledAsync(KillSite site, SealedPackage next, CancellationToken token)
    {
        await Eventually.HoldsAsync(() => !site.IsRunning || site.Model is { Candidate: null, Confirmed: true } state && state.Active?.Sha256 == next.Sha256, () => $"it is killed or done; it said:\n{site.Output}", token, TimeSpan.FromMinutes(3));
        kills += site.IsRunning ? 0 : 1;
        site.Kill();
    }

    /// <summary>What the disk says after a kill must be one of the two.</summary>
    private void Look(KillSite site, SealedPackage? old, SealedPackage next, string what)
    {
        var active = site.Model.Active?.Sha256;
        found = active == next.Sha256 ? (found.Old, found.New + 1) : (found.Old + 1, found.New);
        if (active != next.Sha256 && active != old?.Sha256)
        {
            problems.Add($"{what}: neither the old nor the new model is active, but {active ?? "the image's"}");
        }
    }

    private async Task FinishAsync(KillSite site, SealedPackage? old, SealedPackage next, string what, CancellationToken token, bool isLooked = false)
    {
        if (!isLooked)
        {
            Look(site, old, next, what);
        }

        site.Run();
        await site.SettledAsync(next, token);
        await site.HoldsAsync(() => site.Output.Contains(Text($"model: release {next.Release} of"), StringComparison.Ordinal), $"release {next.Release} is said to judge", token);
        finished++;
        problems.AddRange(site.Superfluous().Select(path => $"{what}: {path} is left behind"));
        site.Kill();
    }

    private static long Fetched(KillSite site, SealedPackage package) => package.Blobs.SelectMany(b => (string[])[b.SealedName, b.SealedName + ".part"])
        .Select(name => new FileInfo(Path.Combine(site.Updates, "blobs", name))).Where(f => f.Exists).Sum(f => f.Length);

    private static bool IsIn(SlotState state, UpdateStep step, SealedPackage next) =>
        step == UpdateStep.Confirm ? state.Active?.Sha256 == next.Sha256 : state.Candidate is { } candidate ? candidate.Step >= step : state.Active?.Sha256 == next.Sha256;

    private async Task RowAsync(string what, int before)
    {
        if (finished == 0)
        {
            return;
        }

        await output.WriteLineAsync(Text($"{what,-50} {kills - before,4}   {found.Old,9}   {found.New,9}   {finished,8}   {problems.Count,11}"));
        (found, finished) = (default, 0);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
