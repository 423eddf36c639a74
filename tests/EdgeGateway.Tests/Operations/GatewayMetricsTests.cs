using System.Text;
using System.Text.RegularExpressions;
using EdgeGateway.Hub;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Operations;

public sealed class GatewayMetricsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly Accounting accounting = new();
    private readonly GatewayStore store;
    private readonly Watchdog watchdog;
    private readonly GatewayMetrics metrics;

    public GatewayMetricsTests()
    {
        store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["mqtt"]);
        watchdog = new Watchdog(state, clock);
        metrics = new GatewayMetrics(state, new HubIdentity("hub.example", "edge-1", "gateway"), watchdog);
    }

    public void Dispose()
    {
        watchdog.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Counters_have_the_labels_of_IoT_Edge_and_those_of_their_own()
    {
        accounting.Of("rejected", "pumps", "future").Add(3);
        accounting.Of("commands", "status", "refused").Add(2);
        state.Accounting.Of("twin.changes", reason: "merged").Add(4);
        Run();
        var text = await TextAsync();
        Assert.Matches("""(?m)^edgegateway_readings_rejected_total\{source="pumps",reason="future",iothub="hub.example",edge_device="edge-1",instance_number="[0-9a-f-]{36}"\} 3$""", text);
        Assert.Matches("""(?m)^edgegateway_commands_total\{command="status",.*\} 2$""", text);
        Assert.Matches("""(?m)^edgegateway_twin_changes_total\{reason="merged",.*\} 4$""", text);
        Assert.Matches("""(?m)^edgegateway_alerts_pending\{sink="mqtt",.*\} 0$""", text);
        Assert.Matches("""(?m)^edgegateway_running\{.*\} 1$""", text);
        Assert.Contains("process_working_set_bytes", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_without_end_are_counted_together()
    {
        for (var i = 0; i < 1000; i++)
        {
            accounting.Of("rejected", $"s{i}", "topic").Add();
        }

        Run();
        var lines = Lines(await TextAsync(), "edgegateway_readings_rejected_total");
        Assert.Equal((GatewayMetrics.MostValues + 1, 1000L), (lines.Count, lines.Sum(l => long.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Contains(lines, l => l.Contains("""source="other",reason="other",""", StringComparison.Ordinal) && l.EndsWith(" 800", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_foreign_name_stays_within_its_label()
    {
        accounting.Of("received", "a\"} 1\nevil{x=\"\\").Add();
        Run();
        Assert.Single(Lines(await TextAsync(), "edgegateway_readings_received_total"));
        Assert.DoesNotContain("\nevil", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_begin_anew_with_the_stages()
    {
        accounting.Of("taken", "pumps").Add(7);
        Run();
        Assert.EndsWith(" 7", Assert.Single(Lines(await TextAsync(), "edgegateway_readings_taken_total")), StringComparison.Ordinal);
        state.Running = state.Running! with { Accounting = new Accounting() };
        Assert.Empty(Lines(await TextAsync(), "edgegateway_readings_taken_total"));
    }

    [Fact]
    public void Every_counter_in_the_code_is_a_metric()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var counted = sources.SelectMany(f => Regex.Matches(File.ReadAllText(f), @"ccounting\.Of\(""([a-z_. ]+)""|counters\.Count\([^,]+, ""([a-z]+)""")).Select(m => m.Groups[1].Value + m.Groups[2].Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(counted.Count > 20);
        Assert.Superset(counted, MetricName.All.Select(m => m.Counter).ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_document_names_every_metric_with_its_labels_and_no_other()
    {
        foreach (var metric in MetricName.All)
        {
            accounting.Of(metric.Counter, "s", "r").Add();
        }

        Run();
        var served = Regex.Matches(await TextAsync(), @"(?m)^(edgegateway_[a-z_]+)\{(.*)\} ").Select(m => $"{m.Groups[1].Value}: {Labels(m.Groups[2].Value)}").Union(MetricName.OfSinks.Select(m => $"edgegateway_{m.Name}: {m.Label}")).Order(StringComparer.Ordinal);
        var document = await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "operations.md"), TestContext.Current.CancellationToken);
        Assert.Equal(served, Regex.Matches(document, @"(?m)^\| `(edgegateway_[a-z_]+)` \|[^|]*\| ([a-z, ]*) ?\|$").Select(m => $"{m.Groups[1].Value}: {m.Groups[2].Value.Trim()}").Order(StringComparer.Ordinal));

        // those that all have are told above the table
        static string Labels(string own) => string.Join(", ", Regex.Matches(own, "([a-z_]+)=\"").Select(m => m.Groups[1].Value).Except(["iothub", "edge_device", "instance_number"]));
    }

    private static List<string> Lines(string text, string name) => [.. text.Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal))];

    private void Run() => state.Running = Any.Running(store, clock) with { Accounting = accounting };

    private async Task<string> TextAsync()
    {
        using var text = new MemoryStream();
        await metrics.WriteAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
