using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.ModelKit;

public sealed class EvaluateCommandTests : IDisposable
{
    private const string Refusal = "02.csv cannot be evaluated: the model or its adapter was trained on it (as pump.csv of site); leave it out, or train without it.\n";
    private static readonly string Recordings = Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_needs_no_model_is_the_same_on_every_machine()
    {
        var (code, output, _) = await Tool.RunAsync("evaluate", Recordings);
        Assert.Equal(0, code);
        Assert.StartsWith(
            """
                              judged alerts  precision         recall            F1                FA/1000w FA/sensor-day delay  sent/raw
            synthetic: 12 series, 12 sensors, 43561 rows, 4351 windows, 36 events
              robust z                   27  0.261 [.00, .50]  0.167 [.00, .37]  0.203 [.00, .33]      31.7         0.048    43
              EWMA chart                 17  0.400 [.25, 1.00] 0.167 [.04, .31]  0.235 [.07, .38]      16.8         0.025     6
              CUSUM                      10  0.714 [.50, 1.00] 0.139 [.00, .28]  0.233 [.00, .41]       3.7         0.006    17
              Page-Hinkley               12  0.556 [.27, 1.00] 0.139 [.03, .27]  0.222 [.05, .40]       7.5         0.011   114
              gate                       44  0.425 [.28, .61]  0.472 [.33, .65]  0.447 [.31, .60]      42.9         0.065    20  4.06 %
              model
            """,
            output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  shipped at 10 %\s+(1\d|2\d) %", output);
        Assert.Matches(@"(?m)^kinds: \d+ of \d+ detected events named right$", output);
        Assert.Matches(@"(?m)^speed: \d+ verdicts, \d+/s for each of \d+ callers; \d+ MB for the model, \d+ MB in all at most; \d+ s$", output);
    }

    [Fact]
    public async Task The_shipped_alerts_are_those_of_a_replay_and_the_files_say_the_same_as_the_table()
    {
        var (alerts, json, html) = (File("alerts.csv"), File("report.json"), File("report.html"));
        var (code, output, _) = await Tool.RunAsync("evaluate", Few(), "--alerts", alerts, "--json", json, "--html", html);
        Assert.Equal(0, code);

        using var model = ChosenModel.Load(LoadedModel.BuiltIn, null);
        var replayed = new ReplayRun(model.NewJudge, model.Sensor, DetectionSettings.Default).Run(ReplayFile.At(Few()), _ => { });
        using var expected = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        RaisedAnomaly.Write(expected, replayed.Select(r => (r.File.Name, r.Raised)));
        Assert.Equal(expected.ToString(), await System.IO.File.ReadAllTextAsync(alerts, TestContext.Current.CancellationToken));

        var report = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!;
        var score = SeriesScore.Sum(replayed.Select(r => Scoring.Score(r.File.Labels!, r.Rows, r.Raised.Select(a => a.Row))));
        var shipped = report["sets"]![0]!["judges"]!.AsArray().Single(j => (string?)j!["judge"] == "shipped")!;
        Assert.Equal((score.F1, score.Alerts, score.FalsePerSensorDay), ((double)shipped["f1"]!["value"]!, (int)shipped["alerts"]!, (double)shipped["falsePerSensorDay"]!["value"]!));
        var page = await System.IO.File.ReadAllTextAsync(html, TestContext.Current.CancellationToken);
        foreach (var text in new[] { output, page })
        {
            Assert.Contains(score.F1.ToString("0.000", CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_page_is_whole_and_asks_for_nothing()
    {
        await Tool.RunAsync("evaluate", Few(), "--html", File("report.html"));
        var page = await System.IO.File.ReadAllTextAsync(File("report.html"), TestContext.Current.CancellationToken);
        Assert.EndsWith("</body></html>\n", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"https?:|<script|<link|<img|@import|url\(|\bsrc=|NaN|∞", page);
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
        System.Xml.Linq.XDocument.Parse(body);
    }

    [Fact]
    public async Task Recordings_without_labels_have_windows_and_alerts_a_day_and_no_F1()
    {
        System.IO.File.Copy(Path.Combine(Recordings, "00.csv"), File("plain.csv"));
        var (code, output, _) = await Tool.RunAsync("evaluate", File("plain.csv"), "--json", File("report.json"));
        Assert.Equal(0, code);
        Assert.Contains("without labels: 1 series, 1 sensors,", output, StringComparison.Ordinal);
        Assert.Contains("No set has a labelled event after its warm-up: there is no F1.", output, StringComparison.Ordinal);
        var judge = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File("report.json"), TestContext.Current.CancellationToken))!["sets"]![0]!["judges"]![6]!;
        Assert.Null(judge["f1"]!["value"]);
        Assert.InRange((double)judge["falsePerSensorDay"]!["value"]!, 0.1, 10);
    }

    [Theory]
    [InlineData("0.99", 3)]
    [InlineData("0.01", 0)]
    public async Task A_mean_F1_below_the_least_one_ends_with_3(string least, int expected) => Assert.Equal(expected, (await Tool.RunAsync("evaluate", Few(), "--min", least)).Code);

    [Theory]
    [InlineData("text.csv", "timestamp,v\n2026-01-01,x\n", 2, "text.csv, line 2: \"x\" in column v is no number; write it with a decimal point, or leave the cell empty.\n")]
    [InlineData("labels.json", """{"a.csv":{"columns":["v"],"events":[[5,1]],"set":"s","step_s":60,"warmup":0}}""", 2, "has an event in rows 5 to 1; the first must be at least 0 and not behind the last.\n")]
    [InlineData("labels.json", """{"a.csv":{"columns":["v"],"events":[],"set":"s","step_s":60,"warmup":0}}""", 2, "a.csv, which labels.json names, does not exist.\n")]
    public async Task What_cannot_be_read_ends_with_2_and_one_sentence_and_leaves_no_file(string name, string text, int expected, string sentence)
    {
        var data = Directory.CreateDirectory(File("data")).FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(data, name), text, TestContext.Current.CancellationToken);
        var (code, output, error) = await Tool.RunAsync("evaluate", data, "--html", File("report.html"), "--json", File("report.json"), "--alerts", File("alerts.csv"));
        Assert.Equal((expected, ""), (code, output));
        Assert.EndsWith(sentence, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("evaluate nowhere", 2, "does not exist: 'nowhere'")]
    [InlineData("evaluate . --html nowhere/report.html", 2, "--html: the folder")]
    [InlineData("evaluate RECORDINGS/00.csv --min 0.5", 2, "--min needs recordings with labelled events after their warm-up; these have none.")]
    [InlineData("evaluate FOLDER", 2, "holds no recordings")]
    [InlineData("evaluate RECORDINGS --config nowhere.json", 2, "nowhere.json: the document does not exist; name the settings file with --config.")]
    [InlineData("evaluate RECORDINGS --config RECORDINGS/labels.json", 2, "labels.json: detection is missing; write \"detection\": { ... }, the settings to try.")]
    [InlineData("evaluate RECORDINGS --model FOLDER", 4, "genai_config.json")]
    [InlineData("evaluate RECORDINGS --model nowhere", 4, "nowhere")]
    public async Task What_cannot_be_done_is_explained(string command, int expected, string sentence)
    {
        var (code, output, error) = await Tool.RunAsync(command.Replace("RECORDINGS", Few(), StringComparison.Ordinal).Replace("FOLDER", Directory.CreateDirectory(File("empty")).FullName, StringComparison.Ordinal).Split(' '));
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_the_model_was_trained_on_is_refused()
    {
        var model = Directory.CreateDirectory(File("model")).FullName;
        foreach (var file in Directory.GetFiles(LoadedModel.BuiltIn))
        {
            System.IO.File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        WriteRecord(model);
        var (code, output, error) = await Tool.RunAsync("evaluate", Few(), "--model", model);
        Assert.Equal((2, ""), (code, output));
        Assert.EndsWith(Refusal, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_the_adapter_was_trained_on_is_refused()
    {
        var adapter = WriteAdapter(DecoderWeights.Digest(LoadedModel.BuiltIn));
        WriteRecord(adapter);
        var (code, output, error) = await Tool.RunAsync("evaluate", Few(), "--adapter", adapter);
        Assert.Equal((2, ""), (code, output));
        Assert.EndsWith(Refusal, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0, "")]
    [InlineData(false, 4, "The adapter pumps was made for the model phi-sensor with the SHA-256 ")]
    public async Task With_an_adapter_the_model_judges_by_the_adapters_threshold(bool ofThisModel, int expected, string sentence)
    {
        var adapter = WriteAdapter(ofThisModel ? DecoderWeights.Digest(LoadedModel.BuiltIn) : "00");
        var (code, _, error) = await Tool.RunAsync("evaluate", Few(), "--adapter", adapter, "--json", File("report.json"));
        Assert.Equal((expected, true), (code, error.StartsWith(sentence, StringComparison.Ordinal)));
        if (expected == 0)
        {
            var report = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File("report.json"), TestContext.Current.CancellationToken))!;
            Assert.Equal("phi-sensor with the adapter pumps", (string?)report["model"]);
            Assert.Equal(0, (int)report["sets"]![0]!["judges"]!.AsArray().Single(j => (string?)j!["judge"] == "shipped")!["alerts"]!);
        }
    }

    [Fact]
    public async Task A_policy_can_be_tried_and_the_report_says_so()
    {
        var policy = File("policy.json");
        await System.IO.File.WriteAllTextAsync(policy, """{ "schema": 1, "detection": { "threshold": 20 } }""", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await Tool.RunAsync("evaluate", Few(), "--json", File("usual.json"))).Code);
        Assert.Equal(0, (await Tool.RunAsync("evaluate", Few(), "--config", policy, "--json", File("tried.json"))).Code);
        var (usual, tried) = (await ReportAsync("usual.json"), await ReportAsync("tried.json"));
        Assert.Equal($"phi-sensor with the detection settings of {policy}", (string?)tried["model"]);
        foreach (var (before, after) in usual["sets"]![0]!["judges"]!.AsArray().Zip(tried["sets"]![0]!["judges"]!.AsArray()))
        {
            var asked = (string?)after!["judge"] is "model" or "shipped" or "shipped at 10 %";
            Assert.Equal((int)before!["alerts"]! > 0 && !asked, (int)after["alerts"]! > 0);
            Assert.Equal(asked, (int)before["alerts"]! != (int)after["alerts"]!);
        }
    }

    [Fact]
    public async Task What_is_shipped_is_judged_at_the_budget_of_the_tried_settings()
    {
        await System.IO.File.WriteAllTextAsync(File("policy.json"), """{ "schema": 1, "detection": { "budget": 10 } }""", TestContext.Current.CancellationToken);
        await Tool.RunAsync("evaluate", Few(), "--config", File("policy.json"), "--json", File("report.json"));
        var judges = (await ReportAsync("report.json"))["sets"]![0]!["judges"]!.AsArray();
        Assert.Equal((long)judges.Single(j => (string?)j!["judge"] == "shipped at 10 %")!["judgedWindows"]!, (long)judges.Single(j => (string?)j!["judge"] == "shipped")!["judgedWindows"]!);
    }

    [Fact]
    public async Task Every_figure_is_that_of_the_protocols_reference_on_the_same_alerts()
    {
        var reference = SharedFolder.Require("evaluate/score.py");
        var data = WithMoreSets(SharedFolder.Require("data"));
        var (code, _, error) = await Tool.RunAsync("evaluate", data, "--alerts", File("alerts.csv"), "--json", File("report.json"));
        Assert.Equal((0, ""), (code, error.Split('\n').Where(l => !l.StartsWith("evaluate: ", StringComparison.Ordinal)).First()));
        var expected = JsonNode.Parse(await PythonAsync(reference, data, File("alerts.csv"), "--json"))!.AsObject();
        var sets = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File("report.json"), TestContext.Current.CancellationToken))!["sets"]!.AsArray();
        Assert.Equal(expected.Select(s => s.Key), sets.Select(s => (string)s!["set"]!));
        foreach (var set in sets)
        {
            var (of, shipped) = (expected[(string)set!["set"]!]!, set["judges"]!.AsArray().Single(j => (string?)j!["judge"] == "shipped")!);
            Assert.Equal((int)of["series"]!, (int)set["series"]!);
            Assert.Equal((int)of["events"]!, (int)set["events"]!);
            foreach (var (theirs, ours) in new[] { ("alerts", "alerts"), ("false", "falseAlerts"), ("detected", "detected") })
            {
                Assert.Equal((int)of[theirs]!, (int)shipped[ours]!);
            }

            foreach (var (theirs, ours) in new[]
            {
                ("precision", "precision"), ("recall", "recall"), ("f1", "f1"), ("fa_per_1000w", "falsePerThousandWindows"), ("fa_per_sensor_day", "falsePerSensorDay"), ("delay_median", "medianDelay"),
            })
            {
                Assert.Equal((double)of[theirs]!, (double)shipped[ours]!["value"]!, 1e-9);
            }

            // other random numbers draw the same resamples
            foreach (var (theirs, ours) in new[] { ("precision_ci95", "precision"), ("f1_ci95", "f1") })
            {
                Assert.Equal((double)of[theirs]![0]!, (double)shipped[ours]!["low"]!, 0.1);
                Assert.Equal((double)of[theirs]![1]!, (double)shipped[ours]!["high"]!, 0.1);
            }
        }
    }

    private async Task<JsonNode> ReportAsync(string name) => JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File(name), TestContext.Current.CancellationToken))!;

    /// <summary>Three of our recordings.</summary>
    private string Few()
    {
        var few = Directory.CreateDirectory(File("few")).FullName;
        Copy(Recordings, few, (name, _) => name is "00.csv" or "02.csv" or "08.csv");
        return few;
    }

    /// <summary>Our recordings, and some of real sensors with several sensors or very short events.</summary>
    private string WithMoreSets(string shared)
    {
        var data = Directory.CreateDirectory(File("data")).FullName;
        var labels = Copy(Recordings, data, (_, _) => true);
        foreach (var (name, label) in Copy(shared, data, (name, set) => (set == "skab" && name.Contains("/1", StringComparison.Ordinal)) || (set == "river" && name.EndsWith("-cond.csv", StringComparison.Ordinal))))
        {
            labels[name] = label!.DeepClone();
        }

        System.IO.File.WriteAllText(Path.Combine(data, SeriesLabels.FileName), labels.ToJsonString());
        return data;
    }

    private static JsonObject Copy(string from, string to, Func<string, string, bool> wanted)
    {
        var labels = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(from, SeriesLabels.FileName)))!.AsObject();
        var kept = new JsonObject(labels.Where(l => wanted(l.Key, (string)l.Value!["set"]!)).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value!.DeepClone())));
        foreach (var (name, _) in kept)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, name))!);
            System.IO.File.Copy(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);
        }

        System.IO.File.WriteAllText(Path.Combine(to, SeriesLabels.FileName), kept.ToJsonString());
        return kept;
    }

    private static async Task<string> PythonAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true };
        try
        {
            using var python = Process.Start(start)!;
            var said = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, python.ExitCode);
            return said;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is missing: this test compares with the protocol's reference, which is a script.");
            throw;
        }
    }

    private string File(string name) => Path.Combine(folder.Path, name);

    /// <summary>An adapter that changes no score, with a threshold that none reaches.</summary>
    private string WriteAdapter(string digestOfBase)
    {
        var adapter = Directory.CreateDirectory(File("adapter")).FullName;
        var weights = DecoderWeights.Read(LoadedModel.BuiltIn).Tensors.First(w => w.Key.EndsWith("_proj.weight", StringComparison.Ordinal));
        LoraWriter.Write(adapter, "adapter", [new LoraFactors(weights.Key[..^".weight".Length], new([2, weights.Value.Shape[1]], new float[2 * weights.Value.Shape[1]]), new([weights.Value.Shape[0], 2], new float[2 * weights.Value.Shape[0]]))], 2);
        System.IO.File.WriteAllText(
            Path.Combine(adapter, SensorModel.FileName),
            $$$"""{"schema":1,"name":"pumps","promptVersion":1,"base":{"name":"phi-sensor","sha256":"{{{digestOfBase}}}"},"threshold":99,"calibration":{"slope":1,"offset":0}}""");
        return adapter;
    }

    /// <summary>Says that 02.csv was trained on.</summary>
    private static void WriteRecord(string folder)
    {
        using var recording = RecordedSeries.Open(Path.Combine(Recordings, "02.csv"), null);
        System.IO.File.WriteAllText(
            Path.Combine(folder, TrainingRecord.FileName),
            $$"""{"schema":1,"data":"","seed":1,"generated":0,"recorded":[{"name":"pump.csv","set":"site","device":"pump","hash":"{{SeriesHash.Of(recording.Rows(_ => { }))}}"}]}""");
    }
}
