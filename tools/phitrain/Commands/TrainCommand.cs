using System.CommandLine;
using System.Globalization;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.PhiTrain.Plots;
using EdgeGateway.PhiTrain.Training;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>train</c>: windows -> a model folder that the gateway loads.</summary>
internal static class TrainCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "file that phitrain data wrote", HelpName = "FILE" };
    private static readonly Option<string?> Output = new("--output") { Description = "model folder to write", HelpName = "DIR" };
    private static readonly Option<string?> Plot = new("--plot") { Description = "draws loss and validation F1 into this PNG after the training; without --data, of what --work holds, also of a training that was cut off", HelpName = "FILE" };
    private static readonly Option<string> Work = new("--work") { Description = "folder of checkpoints, train.log and progress.csv; the same command goes on from them", HelpName = "DIR", DefaultValueFactory = _ => "phitrain-work" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "other numbers give other weights", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Members = CommandLines.Count("--members", 3, 1, "models of the committee that the student learns from");
    private static readonly Option<int> MemberSteps = CommandLines.Count("--member-steps", 320, 1, "batches of 128 windows that each of them sees");
    private static readonly Option<int> StudentSteps = CommandLines.Count("--student-steps", 800, 1, "batches of 128 windows that the student sees");
    private static readonly Option<int> Hidden = CommandLines.Count("--hidden", StudentSize.BuiltIn.Hidden, StudentShape.HeadSize, "width of members and student, a multiple of 32");
    private static readonly Option<int> Layers = CommandLines.Count("--layers", StudentSize.BuiltIn.Layers, 1, "their layers");
    private static readonly Option<int> HeldOut = CommandLines.Count("--held-out", 200, 1, "further series that the threshold is chosen on");

    public static Command Create()
    {
        Hidden.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && int.TryParse(r.Tokens[0].Value, out var value) && value % StudentShape.HeadSize != 0)
            {
                r.AddError($"--hidden takes a multiple of {StudentShape.HeadSize}, the size of a head.");
            }
        });
        var command = new Command(
            "train", "Trains a committee, then the student that it teaches, rounds it to 4 bits and writes its model folder. Killed at any moment, the same command goes on and gives the same model.\nExample: phitrain train --data work/windows.bin --work work --output phi-sensor\n         phitrain train --work work --plot training.png")
        {
            Data, Output, Work, Plot, Seed, Members, MemberSteps, StudentSteps, Hidden, Layers, HeldOut,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(Data) is null != r.GetValue(Output) is null || (r.GetValue(Data) is null && r.GetValue(Plot) is null))
            {
                r.AddError("Say what to train on and where the model goes: --data FILE --output DIR; or draw a training with --plot FILE alone.");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(Data) is { } data)
        {
            Train(parsed, data, parsed.GetValue(Output)!);
        }

        if (parsed.GetValue(Plot) is { } picture)
        {
            TrainingPlot.Draw(picture, TrainingLog.Read(parsed.GetValue(Work)!));
        }

        return 0;
    }

    private static void Train(ParseResult parsed, string windows, string output)
    {
        TorchLibrary.Check();
        var (work, data) = (parsed.GetValue(Work)!, WindowFile.Read(windows));
        data.NeedBothClasses(windows);
        Directory.CreateDirectory(work);
        using var file = new StreamWriter(Path.Combine(work, "train.log"), append: true) { AutoFlush = true };
        var log = new ProgressLog(TimeProvider.System, file);
        log.Say($"training on {data.Windows.Count} windows of {data.Series} series, seed {data.Seed}");
        var sizes = new RecipeSizes(parsed.GetValue(Members), parsed.GetValue(MemberSteps), parsed.GetValue(StudentSteps), new StudentSize(parsed.GetValue(Hidden), parsed.GetValue(Layers)));
        var heldOut = new HeldOutSeries(data, parsed.GetValue(HeldOut), log);
        using var curves = new TrainingLog(work);
        using var student = new Recipe(data, sizes, parsed.GetValue(Seed), work, new TrainingWatch(log, curves, heldOut.Validation()), log).Run();

        var staged = Path.Combine(work, "model");
        SensorModelWriter.WriteWeights(staged, student);
        var sensor = ChooseThresholdAndCalibration(staged, student, heldOut, SensorModelWriter.Describe(data.Edges, 0), log);
        SensorModelWriter.WriteDescription(staged, sensor);
        SensorModelWriter.WriteRecord(staged, data);
        output = Directory.CreateDirectory(output).FullName;
        foreach (var path in Directory.EnumerateFiles(staged))
        {
            File.Copy(path, Path.Combine(output, Path.GetFileName(path)), overwrite: true);
        }

        log.Say($"{output}: done");
    }

    private static SensorModel ChooseThresholdAndCalibration(string folder, Student student, HeldOutSeries heldOut, SensorModel sensor, ProgressLog log)
    {
        var scored = heldOut.Score(folder, sensor);
        var choice = ThresholdChoice.Choose([.. scored.Select(s => s.Judged(sensor))]);
        log.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"threshold {choice.Threshold}: on held-out series precision {choice.Score.Precision:0.000}, recall {choice.Score.Recall:0.000}, F1 {choice.Score.F1:0.000}, {choice.Score.FalsePerThousand:0.0} false alarms per 1000 windows"));
        sensor = sensor with { Threshold = choice.Threshold, Calibration = LogisticFit.Of([.. scored.SelectMany(s => s.Classified(sensor))]) };
        var rounding = Rounding.Of(heldOut.Score(student), scored, sensor);
        log.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"rounding to 4 bits moves a score by {rounding.Median:0.000} (median; 95 %: {rounding.Percentile95:0.000}); F1 at this threshold {rounding.FloatF1:0.000} before, {rounding.RoundedF1:0.000} after"));
        return sensor;
    }
}
