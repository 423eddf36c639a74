using System.CommandLine;
using System.Globalization;
using EdgeGateway.Phi.Lora;
using EdgeGateway.PhiTrain.Adapters;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.PhiTrain.Training;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>adapter</c>: scratch.</summary>
internal static class AdapterCommand
{
    private static readonly Option<string> Base = new("--base") { Description = "model folder that the adapter is for", HelpName = "FOLDER", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "folder of recordings (CSV)", HelpName = "DIR", Required = true };
    private static readonly Option<string[]> Sets = new("--set") { Description = "only", HelpName = "NAME" };

    public static Command Create()
    {
        var command = new Command("adapter", "Trains an adapter.") { Base, Data, Sets };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        TorchLibrary.Check();
        var log = new ProgressLog(TimeProvider.System, null);
        using var model = new BaseModel(parsed.GetValue(Base)!);
        var sets = parsed.GetValue(Sets) ?? [];
        var recordings = LabelledRecording.Load(parsed.GetValue(Data)!).Where(r => sets.Length == 0 || sets.Contains(r.Labels.Set)).ToArray();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var data = SiteData.Read(model, recordings, log);
        log.Say($"{data.Windows.Count} windows, {data.Windows.Classes.Count(c => c == WindowClass.Candidate)} candidates, {watch.Elapsed.TotalSeconds:0} s");
        var all = Enumerable.Range(0, data.Windows.Count).ToArray();
        var before = model.Score(data.Windows, all, null);
        log.Say($"scored {watch.Elapsed.TotalSeconds:0} s");
        var halves = data.Halves();
        foreach (var line in (Environment.GetEnvironmentVariable("PLANS") ?? "250,5,0.002,0").Split(';'))
        {
            var v = line.Split(',').Select(x => double.Parse(x, CultureInfo.InvariantCulture)).ToArray();
            var plan = new AdapterPlan { Steps = (int)v[0], BestPerEvent = (int)v[1], Rate = v[2], Averaging = v[3] };
            var judged = new JudgedSeries[recordings.Length];
            Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, h =>
            {
                var (train, test) = (halves[h], halves[1 - h]);
                var positives = data.Numbers(train, c => c == WindowClass.Candidate).GroupBy(i => data.Windows.Events[i]).SelectMany(e => e.OrderByDescending(i => before[i]).Take(plan.BestPerEvent)).ToArray();
                var normals = data.Numbers(train, c => c == WindowClass.Normal);
                var generated = Enumerable.Range(0, data.Generated.Count).Where(i => data.Generated.Classes[i] == WindowClass.Normal).ToArray();
                using var adapted = new AdapterTrainer(model, plan, new WindowPool(data.Windows, positives), new WindowPool(data.Windows, normals), new WindowPool(data.Generated, generated)).Run(1, log.Start($"half {h}: step", plan.Steps));
                var folder = Directory.CreateTempSubdirectory("adapter-").FullName;
                LoraWriter.Write(folder, "adapter", adapted.Factors, AdaptedModel.Alpha);
                var after = model.Score(data.Windows, all, folder);
                var choice = ThresholdChoice.Choose([.. train.Select(r => data.Judged(r, after))], -4, 8);
                log.Say($"half {h}: threshold {choice.Threshold}, {watch.Elapsed.TotalSeconds:0} s");
                foreach (var r in test)
                {
                    judged[r] = new JudgedSeries(recordings[r].Labels, data.Judged(r, before).At(model.Sensor.Threshold), data.Judged(r, after).At(choice.Threshold));
                }
            });
            var result = new Comparison(judged);
            foreach (var (b, a) in result.Before.Zip(result.After))
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{b.Set,-20} {b.Series,3} {b.Score.Events,4}  {b.Score.Precision:0.000} {b.Score.Recall:0.000} {b.Score.F1:0.000} {b.FalsePerSensorDay:0.000} -> {a.Score.Precision:0.000} {a.Score.Recall:0.000} {a.Score.F1:0.000} {a.FalsePerSensorDay:0.000}"));
            }

            var (low, high) = result.Interval();
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"plan {line}: mean {Comparison.MeanF1(result.Before):0.000} -> {Comparison.MeanF1(result.After):0.000} gain [{low:0.000}, {high:0.000}] {watch.Elapsed.TotalSeconds:0} s"));
        }

        return 0;
    }
}
