using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Replay;
using EdgeGateway.Soak.Fuzzing;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.Tests.Updates.Proving;

public sealed class GoldenProofTests(ProvenModels models) : IClassFixture<ProvenModels>
{
    [Theory]
    [InlineData(ProvenModels.BuiltIn)]
    [InlineData("honest")]
    [InlineData("inverted")]
    [InlineData("blind-for-stuck")]
    [InlineData("false-alarms")]
    public void Every_model_passes_the_golden_windows_that_it_made_itself_a_bad_one_too(string name) => Assert.Equal(ProofResult.Passed, Run(name, GoldenOf(name)));

    [Fact]
    public void Another_model_than_the_one_that_made_them_is_refused_in_a_sentence_that_names_the_window()
    {
        var result = Run(ProvenModels.BuiltIn, GoldenOf("inverted"));
        Assert.Equal("golden", result.Code);
        Assert.Matches("^Of its golden window 0[0-9]-value-[a-z]+-[0-9]+ it says [a-z]+ [(]margin [.0-9]+[)] here, where it was made [a-z]+ ", result.Sentence);
    }

    [Fact]
    public void A_window_with_another_label_is_refused()
    {
        var document = Document();
        document["windows"]![0]!["label"] = "oscillation";
        Assert.Equal("golden", Run(ProvenModels.BuiltIn, document).Code);
    }

    [Fact]
    public void A_window_that_does_not_end_with_a_verdict_is_refused()
    {
        var document = Document();
        var window = document["windows"]![0]!.AsObject();
        foreach (var list in (string[])["times", "values"])
        {
            window[list]!.AsArray().RemoveAt(0);
        }

        var result = Run(ProvenModels.BuiltIn, document);
        Assert.Equal("golden-form", result.Code);
        Assert.Contains("does not end with a window that the model judges", result.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[]""", "windows is missing")]
    [InlineData("""{}""", "windows is missing")]
    [InlineData("""{ "windows": [] }""", "windows is no list of 1 to 256")]
    [InlineData("""{ "windows": [ 1 ] }""", "in window 0 times is missing")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1, 1 ], "values": [ 1, 2 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 times do not rise")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1.5 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 time 0 is no number of Unix milliseconds")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ -1 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 time 0 is no number of Unix milliseconds")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 9e18 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 time 0 is no number of Unix milliseconds")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1, 2 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 values is no list of 2")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1 ], "values": [ 1e999 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 a value is no finite number")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1 ], "values": [ null ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 a value is no finite number")]
    [InlineData("""{ "windows": [ { "name": "a", "times": [ 1 ], "values": [ 1 ], "label": "drift", "margin": 0.1 } ] }""", "in window 0 margin is not 0.2 to 1")]
    [InlineData("""{ "windows": [ { "name": "", "times": [ 1 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "in window 0 name is no text of 1 to 1024 characters")]
    [InlineData("""{ "windows": [ { "name": "\ud800", "times": [ 1 ], "values": [ 1 ], "label": "drift", "margin": 0.5 } ] }""", "it is no JSON, or has a member twice or a text that is no Unicode")]
    [InlineData("""{ "windows": [], "windows": [] }""", "it is no JSON, or has a member twice or a text that is no Unicode")]
    [InlineData("""{ "windows": [ """, "it is no JSON, or has a member twice or a text that is no Unicode")]
    public void What_breaks_a_rule_is_refused_in_a_sentence_that_says_where(string golden, string words)
    {
        var result = GoldenProof.Run(models[ProvenModels.BuiltIn], Encoding.UTF8.GetBytes(golden), TestContext.Current.CancellationToken);
        Assert.Equal("golden-form", result.Code);
        Assert.Equal($"Its golden windows break a rule: {words}; have the package made anew with modelkit.", result.Sentence);
    }

    [Fact]
    public void A_label_that_the_model_does_not_know_is_refused_and_shown_printable_and_short()
    {
        var document = Document();
        document["windows"]![0]!["label"] = "\u001b[2J" + new string('x', 500);
        var result = Run(ProvenModels.BuiltIn, document);
        Assert.Equal("golden-form", result.Code);
        Assert.All(result.Sentence, c => Assert.InRange(c, ' ', '~'));
        Assert.InRange(result.Sentence.Length, 50, 300);
    }

    [Fact]
    public void More_than_four_mebibytes_are_not_read()
    {
        var result = GoldenProof.Run(models[ProvenModels.BuiltIn], new byte[(4 * 1024 * 1024) + 1], TestContext.Current.CancellationToken);
        Assert.Contains("it has 4194305 bytes, at most 4194304 are allowed", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_read_is_windows_or_a_problem_and_never_an_exception()
    {
        var (random, document) = (new Random(1), GoldenWindow.Write([new GoldenWindow("a", [1, 2, 3], [1, 2.5, -3e7], "drift", .5), new GoldenWindow("b", [7], [0], "normal", 1)]));
        for (var i = 0; i < 20_000; i++)
        {
            var input = JsonMutator.Next(random, document);
            Assert.True(GoldenWindow.TryRead(input, out var windows, out var problem) ? windows.All(w => w.Times.Length == w.Values.Length && w.Values.All(double.IsFinite)) : problem.Length < 200, Encoding.Latin1.GetString(input));
        }
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        GoldenWindow window = new("drift-1", [1767225600000, 1767225601000], [4.1, 1e-300], "drift", .41);
        Assert.True(GoldenWindow.TryRead(GoldenWindow.Write([window]), out var read, out _));
        Assert.Equivalent(window, Assert.Single(read), strict: true);
    }

    private static JsonNode Document(byte[] golden) => JsonNode.Parse(golden)!;

    private JsonNode Document() => Document(GoldenOf(ProvenModels.BuiltIn));

    private byte[] GoldenOf(string name)
    {
        var files = ReplayFile.At(Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings")).Take(2).ToArray();
        return GoldenWindow.Write(GoldenWindows.Find(files, models.Chosen(name), _ => { }));
    }

    private ProofResult Run(string name, JsonNode golden) => Run(name, Encoding.UTF8.GetBytes(golden.ToJsonString()));

    private ProofResult Run(string name, byte[] golden) => GoldenProof.Run(models[name], golden, TestContext.Current.CancellationToken);
}
