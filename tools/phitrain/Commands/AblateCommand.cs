using System.CommandLine;
using System.Globalization;
using EdgeGateway.PhiTrain.Ablation;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Windows.Fields;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>ablate</c>: a learner without a language model, trained on the same windows and judged by the same rule, so that it can be compared with the model.</summary>
internal static class AblateCommand
{
    private static readonly Option<string> Data = new("--data") { Description = "file that phitrain data wrote", HelpName = "FILE", Required = true };
    private static readonly Option<string> Recordings = new("--recordings") { Description = "folder of labelled recordings to judge, as replay reads them", HelpName = "DIR", Required = true };
    private static readonly Option<LearnerKind> Learner = new("--learner") { Description = "boosted trees or logistic regression" };
    private static readonly Option<int> Fields = CommandLines.Count("--fields", SensorFields.Count, 1, "it sees only the first N of the 32 fields");
    private static readonly Option<bool> Before = new("--before") { Description = "it sees also the digits of the hop before" };
    private static readonly Option<int?> Series = new("--series") { Description = "it learns from the first N series of the file only", HelpName = "N" };
    private static readonly Option<bool> Shuffle = new("--shuffle") { Description = "labels of the windows shuffled: what is still found, the learner did not find" };
    private static readonly Option<int> HeldOut = CommandLines.Count("--held-out", 200, 1, "further series that the threshold is chosen on");

    public static Command Create()
    {
        var command = new Command(
            "ablate", "Trains boosted trees or logistic regression on the windows that the model is trained on, and judges recordings with the gateway's alert rule: with the gate's share in the score, and alone.\nExample: phitrain ablate --data work/windows.bin --recordings recordings --learner trees")
        {
            Data, Recordings, Learner, Fields, Before, Series, Shuffle, HeldOut,
        };
        Fields.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && int.TryParse(r.Tokens[0].Value, out var value) && value > SensorFields.Count)
            {
                r.AddError($"--fields takes a number of at most {SensorFields.Count}.");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (path, clock) = (parsed.GetValue(Data)!, TimeProvider.System);
        var recordings = LabelledRecording.Load(parsed.GetValue(Recordings)!);
        var data = WindowFile.Read(path);
        data.NeedBothClasses(path);
        if (data.Generated < data.Series)
        {
            throw new InvalidDataException($"{path} holds recordings too; ablations are about generated series alone: make one with phitrain data without --data.");
        }

        var log = new ProgressLog(clock, file: null);
        var (digits, series, kind) = (new DigitChoice(parsed.GetValue(Fields), parsed.GetValue(Before)), Math.Min(parsed.GetValue(Series) ?? data.Series, data.Series), parsed.GetValue(Learner));
        var start = clock.GetTimestamp();
        var learner = new LearnerRecipe(parsed.GetValue(Shuffle) ? data.Windows.WithShuffledLabels(new RandomStream(1, 1)) : data.Windows, digits, kind).Fit(series);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} on {digits.Count} digits of {series} series: trained in {clock.GetElapsedTime(start).TotalSeconds:0} s"));
        Judge(learner, data, digits, new HeldOutSeries(data, parsed.GetValue(HeldOut), log), recordings, log);
        return 0;
    }

    private static void Judge(DigitLearner learner, WindowFile data, DigitChoice digits, HeldOutSeries heldOut, IReadOnlyList<LabelledRecording> recordings, ProgressLog log)
    {
        var sensor = SensorModelWriter.Describe(data.Edges, 0);
        var tuning = heldOut.Score(s =>
        {
            var windows = WindowFactory.ToDigits([s], data.Edges);
            return learner.Score(Enumerable.Range(0, windows.Count).Select(i => digits.Of(windows, i)));
        });
        var part = log.Start("recordings judged:", recordings.Count);
        var judged = new (RecordedDigits Recording, double[] LogOdds)[recordings.Count];
        for (var i = 0; i < judged.Length; i++)
        {
            var recording = RecordedDigits.Read(recordings[i], sensor, digits);
            judged[i] = (recording, learner.Score(recording.Windows.Select(w => w.Digits)));
            part.Report(i + 1);
        }

        foreach (var (name, score) in new[] { ("with the gate's share", sensor), ("alone", sensor.WithoutGate) })
        {
            // a learner that learnt nothing gives scores about log .3, below the thresholds that are tried for a model
            var choice = ThresholdChoice.Choose([.. tuning.Select(s => s.Judged(score))], lowest: -3);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: threshold {choice.Threshold}, F1 {choice.Score.F1:0.000} on held-out series"));
            var sets = judged.GroupBy(j => j.Recording.Recording.Labels.Set).ToDictionary(
                set => set.Key, set => (IReadOnlyList<SeriesScore>)[.. set.Select(j => j.Recording.Judged(j.LogOdds, score).At(choice.Threshold))]);
            foreach (var line in ScoreTable.Lines(new SortedDictionary<string, IReadOnlyList<SeriesScore>>(sets, StringComparer.Ordinal)))
            {
                Console.Out.WriteLine(line);
            }
        }
    }
}
