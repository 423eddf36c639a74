using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeGateway.Tests.Operations;

/// <summary>deployment/observability asks for metrics and labels that gateways serve: docs/operations.md has their table, which another test holds against the code.</summary>
public sealed partial class ObservabilityTests
{
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "deployment", "observability");

    /// <summary>Of IoT Edge's modules, of the metric edgegateway_info, and of Prometheus itself.</summary>
    private static readonly string[] EverywhereLabels = ["iothub", "edge_device", "instance_number", "instance", "job", "version", "gateway", "model"];

    private static readonly Dictionary<string, string[]> Served = File.ReadAllLines(Path.Combine(SharedFolder.RepositoryRoot, "docs", "operations.md"))
        .Select(line => Row().Match(line)).Where(m => m.Success).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Each_query_of_the_dashboard_asks_for_metrics_and_labels_that_gateways_serve()
    {
        var queries = Panels().SelectMany(p => p["targets"]!.AsArray()).Select(t => (string)t!["expr"]!).ToArray();
        Assert.NotEmpty(queries);
        Assert.All(queries, AssertServed);
    }

    [Fact]
    public void Each_rule_asks_for_metrics_and_labels_that_gateways_serve()
    {
        var rules = File.ReadAllLines(Path.Combine(Folder, "rules.yml")).Select(l => l.Trim()).Where(l => l.StartsWith("expr: ", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(rules);
        Assert.All(rules.Where(r => !r.Contains("up{", StringComparison.Ordinal)), AssertServed);
    }

    [Fact]
    public void Panels_have_numbers_of_their_own_and_do_not_lie_over_each_other()
    {
        var panels = Panels().ToArray();
        Assert.Distinct(panels.Select(p => (int)p["id"]!));
        Assert.Distinct(panels.SelectMany(p => Cells(p["gridPos"]!)));
    }

    [Fact]
    public void A_metric_that_nobody_serves_is_noticed()
    {
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertServed("sum(edgegateway_unheard_of_total)"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertServed("sum by (colour) (edgegateway_sensors)"));
    }

    private static void AssertServed(string query)
    {
        var metrics = Metric().Matches(query).Select(m => m.Value).ToArray();
        Assert.NotEmpty(metrics);
        Assert.All(metrics, metric => Assert.Contains(metric, Served.Keys));
        var labels = Matched().Matches(query).Select(m => m.Groups[1].Value)
            .Concat(Grouped().Matches(query).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)));
        Assert.All(labels, label => Assert.Contains(label, EverywhereLabels.Concat(metrics.SelectMany(m => Served[m]))));
    }

    private static IEnumerable<JsonNode> Panels() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, "dashboard.json")))!["panels"]!.AsArray().Select(p => p!);

    private static IEnumerable<(int X, int Y)> Cells(JsonNode at) =>
        from x in Enumerable.Range((int)at["x"]!, (int)at["w"]!) from y in Enumerable.Range((int)at["y"]!, (int)at["h"]!) select (x, y);

    [GeneratedRegex(@"^\| `(edgegateway_\w+)` \|[^|]*\|([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex(@"edgegateway_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"(\w+)(?:=~|!=|=)""")]
    private static partial Regex Matched();

    [GeneratedRegex(@"(?:by|without) \(([^)]*)\)")]
    private static partial Regex Grouped();
}
