using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.ModelKit.Bench;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>model bench</c>: what a model reaches on this machine.</summary>
internal sealed class ModelBenchCommand(TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private readonly Argument<DirectoryInfo> folder = new Argument<DirectoryInfo>("FOLDER") { Description = "model folder of ONNX Runtime GenAI's form" }.AcceptExistingOnly();
    private readonly Option<ComputeForm[]> forms = new("--forms") { Description = "forms to measure", HelpName = "float|asBuilt|int8", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double> seconds = new("--seconds") { Description = "time for each figure", DefaultValueFactory = _ => 1 };
    private readonly Option<int> prefix = new("--prefix") { Description = "tokens that all prompts begin with", DefaultValueFactory = _ => 64 };
    private readonly Option<int> suffix = new("--suffix") { Description = "tokens of each prompt behind them", DefaultValueFactory = _ => 64 };
    private readonly Option<int> rounds = new("--rounds") { Description = "the best of so many rounds counts", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> load = new Option<string?>("--load") { Description = "measures loading alone: weights mapped from the path, or in memory of the caller", HelpName = "path|memory" }.AcceptOnlyFromAmong("path", "memory");
    private readonly Option<int> besideIngest = new("--beside-ingest") { Description = "readings a second that go through the gateway's stages meanwhile", HelpName = "RATE" };
    private readonly Option<bool> json = new("--json") { Description = "writes JSON" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        foreach (var option in (Option<int>[])[prefix, suffix, rounds])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                {
                    result.AddError($"{option.Name} takes a number of at least 1.");
                }
            });
        }

        var command = new Command(
            "bench",
            "Measures load, memory, verdicts (with and without a kept prefix, beside a bare loop of ONNX Runtime), prefill and decoding, for each form and set of threads. Nothing else should run meanwhile."
            + "\nExample: modelkit model bench models/phi-sensor --prefix 1 --suffix 33")
        {
            folder, forms, seconds, prefix, suffix, rounds, load, besideIngest, json,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var plan = new BenchPlan(parsed.GetValue(prefix), parsed.GetValue(suffix), 256, 64, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds));
        var wanted = parsed.GetValue(forms) is { Length: > 0 } some ? some : [ComputeForm.Float, ComputeForm.AsBuilt, ComputeForm.Int8];
        if (parsed.GetValue(load) is { } where)
        {
            var (took, peak, resident) = LoadBench.Run(parsed.GetValue(folder)!.FullName, wanted[0], where == "memory");
            output.WriteLine($"{wanted[0]}, weights {(where == "memory" ? "in memory" : "mapped")}: loaded in {Number(took, 1)} s, peak {Number(peak, 0)} MB, {Number(resident, 0)} MB after a verdict");
            return ExitCode.Done;
        }

        using var ingest = parsed.GetValue(besideIngest) is > 0 and var rate ? new IngestLoad(rate, SensorModel.Load(parsed.GetValue(folder)!.FullName)) : null;
        var rows = new List<BenchRow>();
        foreach (var form in wanted)
        {
            try
            {
                rows.AddRange(Measure(parsed.GetValue(folder)!.FullName, form, plan));
            }
            catch (ModelRefusedException e) when (wanted.Length > 1)
            {
                error.WriteLine(e.Message);
            }
        }

        var ingested = ingest?.Reached;
        var adapters = AdapterBench.Run(parsed.GetValue(folder)!.FullName, wanted[0], plan);
        var (running, waiting) = CancelBench.Run(parsed.GetValue(folder)!.FullName, wanted[0]);
        if (parsed.GetValue(json))
        {
            output.WriteLine(JsonSerializer.Serialize(new { Cpu = CpuFeatures.Description, Processors = Environment.ProcessorCount, PeakMegabytes = ProcessMemory.Peak(), Plan = plan, ReadingsBeside = ingested, Rows = rows, Adapters = adapters.Select(one => new { one.Adapter, one.Verdicts }), CancelledMilliseconds = new { running, waiting } }, Json));
        }
        else
        {
            Write(rows, plan);
            if (ingested is { } readings)
            {
                output.WriteLine($"beside {Rate(readings)} readings/s through the gateway's stages");
            }

            output.WriteLine($"adapters, {wanted[0]}, one caller: " + string.Join(", ", adapters.Select(one => $"{one.Adapter} {Rate(one.Verdicts)}/s ({Number(one.Verdicts / adapters[0].Verdicts, 2)})")));
            output.WriteLine($"cancelled calls end within {Number(running, 0)} ms, waiting ones within {Number(waiting, 0)} ms (95 %)");
        }

        return ExitCode.Done;
    }

    private static List<BenchRow> Measure(string folder, ComputeForm form, BenchPlan plan)
    {
        var (single, load, megabytes) = EngineBench.Load(folder, form, usePool: false);
        using var alone = single;
        var (parallel, loadParallel, megabytesParallel) = EngineBench.Load(folder, form, usePool: true);
        using var pooled = parallel;
        var processors = Environment.ProcessorCount;
        EngineBench[] benches = [new(single, plan, 1, 1, load, megabytes), new(single, plan, processors, 1, load, megabytes), new(parallel, plan, 1, processors, loadParallel, megabytesParallel)];
        var best = Enumerable.Range(0, plan.Rounds).SelectMany(_ => benches.Select((bench, i) => (Row: bench.Measure(), i)).ToArray())
            .GroupBy(round => round.i, round => round.Row).Select(rows => rows.Aggregate(Best)).ToList();
        Array.ForEach(benches, bench => bench.Dispose());
        return best;
    }

    private static BenchRow Best(BenchRow one, BenchRow other) => one with
    {
        Verdicts = Math.Max(one.Verdicts, other.Verdicts),
        VerdictsWithoutPrefix = Math.Max(one.VerdictsWithoutPrefix, other.VerdictsWithoutPrefix),
        Bare = one.Bare is { } bare ? Math.Max(bare, other.Bare!.Value) : null,
        Prefill = one.Prefill is { } prefill ? Math.Max(prefill, other.Prefill!.Value) : null,
        Decode = one.Decode is { } decode ? Math.Max(decode, other.Decode!.Value) : null,
    };

    private void Write(List<BenchRow> rows, BenchPlan plan)
    {
        output.WriteLine($"{Environment.ProcessorCount} processors, {CpuFeatures.Description}; prefix {plan.Prefix}, suffix {plan.Suffix}, prompt {plan.Prompt} tokens; peak {Number(ProcessMemory.Peak(), 0)} MB in all");
        output.WriteLine($"{"form",-8} {"callers x threads",17} {"load s",7} {"MB",6} {"verdicts/s",10} {"no prefix",9} {"ratio",5} {"of bare",7} {"prefill t/s",11} {"decode t/s",10}");
        foreach (var row in rows)
        {
            output.WriteLine($"{row.Form,-8} {$"{row.Callers} x {row.Threads}",17} {Number(row.LoadSeconds, 2),7} {Number(row.ResidentMegabytes, 0),6} {Rate(row.Verdicts),10} "
                + $"{Rate(row.VerdictsWithoutPrefix),9} {Number(row.Verdicts / row.VerdictsWithoutPrefix, 2),5} {Number(row.Verdicts / row.Bare, 2),7} {Number(row.Prefill, 0),11} {Number(row.Decode, 1),10}");
        }
    }

    private static string Rate(double value) => Number(value, value < 10 ? 2 : 1);

    private static string Number(double? value, int digits) => value is { } number ? number.ToString($"F{digits}", CultureInfo.InvariantCulture) : "";
}
