using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeGateway.Alerts;
using EdgeGateway.Report;
using EdgeGateway.Storage;
using NJsonSchema;

namespace EdgeGateway.Tests.Report;

/// <summary>The three forms of a report.</summary>
public sealed class ReportFormTests : IDisposable
{
    private readonly Past past = new();

    public ReportFormTests()
    {
        var day = Past.Now.AddDays(-3);
        past.Raise("line-1/press", day.AddHours(-9), severity: 812);
        foreach (var hours in new[] { 0, 1, 30 })
        {
            past.Add("line-2/fan", day.AddHours(hours), TimeSpan.FromMinutes(20));
        }

        past.Add("tank/level", day.AddHours(40), TimeSpan.FromDays(1.2), Family.Silent, 400);
        for (var i = 0; i < 12; i++)
        {
            past.Add("tank/level", Past.Now.AddHours(-2).AddSeconds(25 * i), TimeSpan.FromSeconds(5), Family.Limit, 500);
        }

        past.Judge("line-1/press", AlertFeedback.True);
        past.Judge("line-2/fan", AlertFeedback.Unsure);
        past.Judge("line-2/fan", AlertFeedback.False);
        past.Judge("tank/level", AlertFeedback.True, Family.Limit);

        var sums = new Dictionary<string, long> { ["bytes.received"] = 1_234_567_890, ["bytes.delivered.mqtt"] = 20_400, ["bytes.delivered.hub"] = 10_200, ["alerts.suppressed.outOfService"] = 4 };
        past.Store.AddDaily(DateOnly.FromDateTime(day.Date), sums);
        past.Store.AddDaily(DateOnly.FromDateTime(day.Date).AddDays(2), new Dictionary<string, long> { ["bytes.received"] = 600_000, ["bytes.delivered.mqtt"] = 1_700, ["bytes.delivered.hub"] = 850 });
    }

    public void Dispose() => past.Dispose();

    [Theory]
    [InlineData("report.txt")]
    [InlineData("report.json")]
    public void Text_and_JSON_of_a_known_database_are_the_golden_ones(string name)
    {
        var golden = Path.Combine(SharedFolder.RepositoryRoot, "tests", "vectors", "report", name);
        Assert.Equal(File.ReadAllText(golden), Written(name.EndsWith("txt", StringComparison.Ordinal) ? ReportText.Write : ReportJson.Write, past.Count()));
    }

    [Fact]
    public async Task The_JSON_is_what_its_schema_says_also_of_an_empty_database()
    {
        using var empty = new Past();
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "report.schema.json"), TestContext.Current.CancellationToken);
        foreach (var report in new[] { past.Count(), empty.Count(), past.Count(days: 1) })
        {
            Assert.Empty(schema.Validate(Written(ReportJson.Write, report)));
        }
    }

    [Fact]
    public void The_document_says_what_every_key_and_word_means()
    {
        var document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "report.md"));
        Assert.All(ReportText.Definitions, definition => Assert.Contains(definition, document, StringComparison.Ordinal));
        var keys = Regex.Matches(Written(ReportJson.Write, past.Count()), "^ +\"([a-zA-Z]+)\":", RegexOptions.Multiline).Select(m => m.Groups[1].Value).Distinct().Except(["mqtt", "hub", "outOfService"]);
        Assert.All(keys, key => Assert.Contains($"`{key}`", document, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_needs_no_network_and_no_script()
    {
        var page = Written(ReportPage.Write, past.Count());
        Assert.DoesNotMatch("<script|<link|<img|<iframe|@import|url\\(|https?:| on[a-z]+=|src=|href=", page);
        Assert.Equal(4, Regex.Count(page, "<svg ") - 1);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("'><img src=x onerror=alert(1)>")]
    [InlineData("\"&amp;</title></svg></style>")]
    [InlineData("a\u0007b\u009b\u202ec")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa𝄞𝄞𝄞𝄞𝄞𝄞𝄞")]
    public void Hostile_names_of_sensors_stand_in_the_page_as_text_and_in_the_terminal_without_what_cannot_be_seen(string name)
    {
        past.Add(name, Past.Now.AddDays(-2), TimeSpan.FromMinutes(5));
        past.Raise(name, Past.Now.AddDays(-2).AddHours(1), Family.Silent);
        past.Store.AddDaily(DateOnly.FromDateTime(Past.Now.Date), new Dictionary<string, long> { [$"alerts.suppressed.{name}"] = 1, [$"bytes.delivered.{name}"] = 1 });
        var report = past.Count();
        var page = Written(ReportPage.Write, report);
        var shown = string.Concat(name.Select(c => IsUnseen(c) ? $"\\u{(int)c:x4}" : $"{c}"));

        // the page is well-formed, and what it shows is the name: nothing of it became markup
        var body = XElement.Parse(page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)]);
        Assert.Contains(body.Descendants("td"), cell => cell.Value == $"{shown} (silent)");
        Assert.Contains(body.Descendants("title"), title => title.Value.StartsWith($"{shown} (anomaly): ", StringComparison.Ordinal));
        Assert.DoesNotContain(body.Descendants(), element => element.Name.LocalName is "script" or "img");
        Assert.DoesNotContain(page + Written(ReportText.Write, report), c => IsUnseen(c) && c != '\n');
    }

    private static bool IsUnseen(char c) => char.IsControl(c) || c == '\u202e';

    private static string Written(Action<TextWriter, GatewayReport> write, GatewayReport report)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        write(writer, report);
        return writer.ToString();
    }
}
