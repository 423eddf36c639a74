using System.Globalization;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Soak.Harness;
using EdgeGateway.Soak.Updating;
using EdgeGateway.Storage;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Soak;

/// <summary>Whether what judges goes on judging, and one refusal or one wait says why, when state files are cut, packages are for others, and people change their minds.</summary>
internal sealed class UpdateFaults(TextWriter output)
{
    private static readonly SlotId Pumps = new("pumps");
    private int release;
    private bool holds = true;

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await using var site = await KillSite.StartAsync(token);
        await site.SetUpAsync(token);
        var first = await NextAsync(site, token);
        await RowAsync("slots.json is cut in half", () => CutAsync(site, "slots.json", "was put aside", first, token));
        await RowAsync("trust.json is cut in half", () => CutAsync(site, "trust.json", "trust.json is damaged", first, token));
        await RowAsync("aborted where dumps are allowed", () => AbortedAsync(site, first, token));
        await RowAsync("a half file has other bytes", () => OtherBytesAsync(site, token));
        await RowAsync("packages for others", () => OfOthersAsync(site, token));
        await RowAsync("another wish while one is proven", () => ChangedMindAsync(site, token));
        await RowAsync("ten updates at once", () => TenAsync(site, token));
        await output.WriteLineAsync(holds ? "updates faults: all targets met" : "updates faults: NOT all targets met");
        return holds;
    }

    private async Task RowAsync(string what, Func<Task> test)
    {
        try
        {
            await test();
            await output.WriteLineAsync($"{what,-40} as it should be");
        }
        catch (SoakException e)
        {
            holds = false;
            await output.WriteLineAsync($"{what,-40} {e.Message}");
        }
    }

    private async Task<SealedPackage> NextAsync(KillSite site, CancellationToken token)
    {
        var next = site.Maker.Model(site.ServerFolder(Text($"model-{++release}")), release);
        site.AskFor(next);
        site.Run();
        await site.SettledAsync(next, token);
        return next;
    }

    private static async Task CutAsync(KillSite site, string name, string sentence, SealedPackage judges, CancellationToken token)
    {
        site.Kill();
        var path = Path.Combine(site.Updates, name);
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path, token))[..20], token);
        site.Run();
        await site.HoldsAsync(() => site.Output.Contains(sentence, StringComparison.Ordinal), sentence, token);
        await site.SettledAsync(judges, token);
        await SaysAsync(site, judges, token);
    }

    /// <summary>The shell allows a core, the environment asks for a mini dump, and weights of a package are in memory.</summary>
    private static async Task AbortedAsync(KillSite site, SealedPackage judges, CancellationToken token)
    {
        site.Kill();
        var (began, dumps) = (TimeProvider.System.GetUtcNow(), Directory.CreateDirectory(Path.Combine(site.Folder, "dumps")).FullName);
        site.Run("env", "DOTNET_DbgEnableMiniDump=1", "DOTNET_DbgMiniDumpType=4", $"DOTNET_DbgMiniDumpName={dumps}/mini", "sh", "-c", "ulimit -c unlimited && exec \"$@\"", "sh");
        await SaysAsync(site, judges, token);
        await site.AbortAsync(token);
        Require(Directory.GetFiles(dumps).Length == 0, "It left a mini dump.");
        Require(!Directory.EnumerateFiles(Path.GetTempPath(), "core*").Any(file => File.GetLastWriteTimeUtc(file) >= began), "It left a core.");
        var hits = Canaries.Find([site.Folder, Path.GetTempPath()], [site.Maker.Plain], began, judges.Canaries, out _);
        Require(hits.Count == 0, string.Join(", ", hits));
    }

    private async Task OtherBytesAsync(KillSite site, CancellationToken token)
    {
        site.Kill();
        var next = site.Maker.Model(site.ServerFolder(Text($"model-{++release}")), release);
        foreach (var blob in next.Blobs)
        {
            DurableFile.Replace(Path.Combine(site.Updates, "blobs", blob.SealedName + ".part"), new byte[blob.SealedSize / 2]);
        }

        site.AskFor(next);
        site.Run();
        await site.SettledAsync(next, token);
        await SaysAsync(site, next, token);
    }

    private async Task OfOthersAsync(KillSite site, CancellationToken token)
    {
        var judges = site.Model.Active;
        (string Code, Func<PackageManifest, PackageManifest> Change)[] packages =
        [
            ("group", m => m with { Groups = [m.Groups[0] with { Group = "line-b" }] }),
            ("base-model", m => m with { Base = m.Base with { Model = m.Base.Tokenizer } }),
            ("tokenizer", m => m with { Base = m.Base with { Tokenizer = m.Base.Model } }),
            ("prompt-version", m => m with { Base = m.Base with { PromptVersion = 99 } }),
        ];
        var under = site.Maker.Model(Path.Combine(site.Maker.Plain, "same"), release).Base;
        foreach (var (code, change) in packages)
        {
            var package = site.Maker.Adapter(site.InboxFolder(code), 1, under, change);
            await site.HoldsAsync(() => site.SlotOf(Pumps).RefusalOf(package.Sha256)?.Code == code, $"it is refused with {code}; there is {string.Join(", ", site.SlotOf(Pumps).Refused)}", token);
        }

        Require(site.SlotOf(Pumps) is { Active: null, Candidate: null }, "An adapter that was refused is active or on its way.");
        Require(site.Model.Active == judges, "Another model judges.");
        using var list = Measured.StartOwn("EdgeGateway", "model", "list", "--data", site.Data);
        await list.EndAsync(token);
        Require(packages.All(p => list.Output.Contains($"({p.Code})", StringComparison.Ordinal)), $"model list does not say all of it:\n{list.Output}");
    }

    private async Task ChangedMindAsync(KillSite site, CancellationToken token)
    {
        site.Kill();
        var first = site.Maker.Model(site.ServerFolder(Text($"model-{++release}")), release);
        site.AskFor(first);
        site.Run();
        await site.HoldsAsync(() => site.Model.Candidate?.Step == UpdateStep.Prove, "the first is proven", token);
        var second = site.Maker.Model(site.InboxFolder(Text($"model-{++release}")), release);
        await site.SettledAsync(second, token);
        Require(site.Model.Previous?.Sha256 != first.Sha256, "The first judged in between.");
    }

    private async Task TenAsync(KillSite site, CancellationToken token)
    {
        var under = site.Maker.Model(Path.Combine(site.Maker.Plain, "last"), release).Base;
        var adapters = Enumerable.Range(2, 10).Select(n => site.Maker.Adapter(site.InboxFolder(Text($"ten-{n:00}")), n, under)).ToList();
        await site.SettledAsync(adapters[^1], token);
        await site.HoldsAsync(() => site.Superfluous().Count == 0, "nothing is left of the nine", token);
    }

    private static Task SaysAsync(KillSite site, SealedPackage judges, CancellationToken token) =>
        site.HoldsAsync(() => site.Output.Contains(Text($"model: release {judges.Release} of"), StringComparison.Ordinal), $"release {judges.Release} is said to judge", token);

    private static void Require(bool holds, string sentence) => _ = holds ? holds : throw new SoakException(sentence);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
