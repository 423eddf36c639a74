using System.CommandLine;
using System.Globalization;
using EdgeGateway.Commands;
using EdgeGateway.PhiTrain.Ablation;
using EdgeGateway.PhiTrain.Adapters;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
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
    private static readonly Option<string?> Model = new("--model") { Description = "judges the recordings with this model too, and says by how much it is better", HelpName = "FOLDER" };
    private static readonly Option<int> HeldOut = CommandLines.Count("--held-out", 200, 1, "further series that the threshold is chosen on");

    public static Command Create()
    {
        var command = new Command(
            "ablate", "Trains boosted trees or logistic regression on the windows that the model is trained on, and judges recordings with the gateway's alert rule: with the gate's share in the score, and alone.\nExample: phitrain ablate --data work/windows.bin --recordings recordings --learner trees")
        {
            Data, Recordings, Learner, Fields, Before, Series, Shuffle, Model, HeldOut,
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
        Say($"{kind} on {digits.Count} digits of {series} series: trained in {clock.GetElapsedTime(start).TotalSeconds:0} s");
        var opinion = LearnerOpinion.Of(learner, digits, data, new HeldOutSeries(data, parsed.GetValue(HeldOut), log), recordings, log);
        var sensor = SensorModelWriter.Describe(data.Edges, 0);
        var withGate = Judge("with the gate's share", opinion, sensor);
        Judge("alone", opinion, sensor.WithoutGate);
        if (parsed.GetValue(Model) is { } folder)
        {
            Compare(folder, recordings, withGate);
        }

        return 0;
    }

    private static IReadOnlyList<SeriesScore> Judge(string name, LearnerOpinion opinion, SensorModel sensor)
    {
        var choice = opinion.ChooseThreshold(sensor);
        Say($"{name}: threshold {choice.Threshold}, F1 {choice.Score.F1:0.000} on held-out series");
        var scores = opinion.Scores(sensor with { Threshold = choice.Threshold });
        var sets = opinion.Recordings.Zip(scores).GroupBy(s => s.First.Labels.Set, s => s.Second).ToDictionary(set => set.Key, set => (IReadOnlyList<SeriesScore>)[.. set]);
        foreach (var line in ScoreTable.Lines(new SortedDictionary<string, IReadOnlyList<SeriesScore>>(sets, StringComparer.Ordinal)))
        {
            Console.Out.WriteLine(line);
        }

        return scores;
    }

    private static void Compare(string folder, IReadOnlyList<LabelledRecording> recordings, IReadOnlyList<SeriesScore> learner)
    {
        using var model = ChosenModel.Load(folder, adapterFolder: null);
        var run = new ReplayRun(model.NewJudge, model.Sensor, DetectionSettings.Default);
        var judged = run.Run([.. recordings.Select(r => new ReplayFile(r.Path, r.Name, r.Labels))], _ => { }).Select(r => Scoring.Score(r.File.Labels!, r.Rows, r.Raised.Select(a => a.Row)));
        var comparison = new Comparison([.. recordings.Zip(learner, judged).Select(s => new JudgedSeries(s.First, s.Second, s.Third))], []);
        var gain = comparison.Gain();
        Say($"{model.Name}, with the gate's share: mean F1 {comparison.After:0.000}, more by {comparison.After - comparison.Before:0.000} [{gain.Low:0.000}, {gain.High:0.000}] (paired bootstrap over series)");
    }

    private static void Say(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
