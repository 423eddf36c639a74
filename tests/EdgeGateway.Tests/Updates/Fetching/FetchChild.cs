using System.Diagnostics;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>A process of its own that fetches until it is killed or at an end: this test program again, with one explicit test. What became of it lies in the file "outcome".</summary>
public sealed class FetchChild
{
    private const string Variable = "EDGEGATEWAY_FETCH_CHILD";

    /// <summary>Starts the child, under another program (strace) when its words are given.</summary>
    internal static Process Start(FetchStand stand, params string[] under)
    {
        var test = $"{typeof(FetchChild).FullName}.{nameof(Fetches_once)}";
        string[] own = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? ["exec", typeof(FetchChild).Assembly.Location] : [];
        string[] words = [.. under, Environment.ProcessPath!, .. own, "-method", test, "-explicit", "only"];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Variable] = $"{stand.Server.Host} {stand.CaFile} {stand.Path} {stand.Target.Size} {stand.Target.Sha256}";
        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    /// <summary>What became of the newest fetch that came to an end.</summary>
    internal static string Outcome(FetchStand stand) => File.ReadAllText(Path.Combine(stand.Folder, "outcome"));

    [Fact(Explicit = true)]
    public async Task Fetches_once()
    {
        var words = Environment.GetEnvironmentVariable(Variable)?.Split(' ');
        Assert.SkipWhen(words is null, "Only as the child of another test.");
        var size = long.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture);
        var target = new FetchTarget(new Uri($"https://{words[0]}/store/blob.age"), null, size, size, words[4]);
        var result = await new Fetcher(new UpdateSettings([words[0]], words[1], null), TimeProvider.System).FetchAsync(target, words[2], _ => { }, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(words[2])!, "outcome"), result is FetchResult.Waits waits ? waits.Sentence : result.GetType().Name, TestContext.Current.CancellationToken);
    }
}
