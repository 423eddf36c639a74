using System.CommandLine;
using System.Globalization;
using EdgeGateway.PhiTrain.Adapters;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Training;
using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>adapter</c>: a site's labelled recordings -> an adapter of a model, proven on devices that were held back.</summary>
internal static class AdapterCommand
{
    /// <summary>With fewer events an adapter learns these events rather than what they have in common, and nothing can be proven on a part of them.</summary>
    private const int FewestEvents = 20;

    private const int DoesNotHelp = 3;

    private static readonly Option<string> Base = new("--base") { Description = "model folder that the adapter is for", HelpName = "FOLDER", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "folder of recordings (CSV, header \"timestamp,<column>...\")", HelpName = "DIR", Required = true };
    private static readonly Option<string?> Labels = new("--labels") { Description = "their events; default: labels.json in that folder", HelpName = "FILE" };
    private static readonly Option<string[]> Sets = new("--set") { Description = "only recordings of this set; may be given several times; NAME=WEIGHT gives it another share of the training than 1, such as 0.1 where labels are rough", HelpName = "NAME[=WEIGHT]" };
    private static readonly Option<string?> Out = new("--out") { Description = "folder to write; without it only the proof is run", HelpName = "DIR" };
    private static readonly Option<int> Steps = CommandLines.Count("--steps", new AdapterPlan().Steps, 1, "batches of 128 windows that it sees");
    private static readonly Option<int> Rank = CommandLines.Count("--rank", new AdapterPlan().Rank, 1, "of the factors: a higher one learns more of many different sensors, and judges a little slower");
    private static readonly Option<bool> Force = new("--force") { Description = "write it although it does not help or there are few events; sensor.json says so" };

    public static Command Create()
    {
        var command = new Command(
            "adapter", "Trains an adapter on labelled recordings. A quarter of the devices at a time is held back, and the adapter is written only if it helps there; what is written is trained on all.\nExample: phitrain adapter --base phi-sensor --data recordings --out pumps")
        {
            Base, Data, Labels, Sets, Out, Steps, Rank, Force,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (output, force) = (parsed.GetValue(Out), parsed.GetValue(Force));
        if (output is not null)
        {
            AdapterFolder.Check(output);
        }

        var (recordings, weights) = Recordings(parsed);
        var events = recordings.Sum(r => r.ScoredEvents.Count());
        if (events < FewestEvents && !force)
        {
            throw new InvalidDataException($"{parsed.GetValue(Data)} has {events} labelled events after the warm-up; an adapter needs at least {FewestEvents}, or it learns these events rather than what they have in common: label more.");
        }

        using var model = new BaseModel(parsed.GetValue(Base)!);
        TorchLibrary.Check();
        var log = new ProgressLog(TimeProvider.System, file: null);
        var data = SiteData.Read(model, recordings, log);
        var plan = new AdapterPlan { Steps = parsed.GetValue(Steps), Rank = parsed.GetValue(Rank) };
        var (adapter, parts) = (new SiteAdapter(model, data, plan, weights, log), DeviceParts.Of(recordings));
        var proof = adapter.Prove(parts);
        var report = AdapterReport.Of(model, data, parts, proof.Comparison);
        foreach (var line in report.Lines())
        {
            Console.Out.WriteLine(line);
        }

        if (!report.Helps && !force)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The adapter does not help on devices that it has not seen (gain in F1 {report.After - report.Before:0.000}, at least {report.Gain[0]:0.000}), so it is not written; label more events, or add --force."));
            return DoesNotHelp;
        }

        if (output is not null)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)));
            AdapterFolder.Write(output, adapter.Train(), plan.Alpha, Describe(name, model, proof, report, events), data.Record, report);
            log.Say($"{output}: done");
        }

        return 0;
    }

    private static SensorAdapter Describe(string name, BaseModel model, HeldBackProof proof, AdapterReport report, int events) => new(
        1, name, model.Sensor.PromptVersion, new AdapterBase(model.Sensor.Name, model.Digest), proof.Threshold, proof.Calibration,
        new AdapterProof(report.Sets.Sum(s => s.Series), events, report.Before, report.After, report.Gain), Forced: !report.Helps || events < FewestEvents);

    /// <summary>The recordings of the chosen sets, and the weight of each set.</summary>
    private static (LabelledRecording[] Recordings, IReadOnlyDictionary<string, double> Weights) Recordings(ParseResult parsed)
    {
        var all = LabelledRecording.Load(parsed.GetValue(Data)!, parsed.GetValue(Labels));
        string[] known = [.. all.Select(r => r.Labels.Set).Distinct()];
        var chosen = (parsed.GetValue(Sets) ?? []).Select(set => Weighted(set, known)).ToArray();
        var weights = chosen.Length == 0 ? known.ToDictionary(set => set, _ => 1.0) : chosen.DistinctBy(set => set.Name).ToDictionary(set => set.Name, set => set.Weight);
        return weights.Keys.Except(known).FirstOrDefault() is { } unknown
            ? throw new InvalidDataException($"No recording of {parsed.GetValue(Data)} is of the set {unknown}; there are {string.Join(", ", known)}.")
            : ([.. all.Where(r => weights.ContainsKey(r.Labels.Set))], weights);
    }

    /// <summary>NAME or NAME=WEIGHT; the name of a set may hold an equals sign too.</summary>
    private static (string Name, double Weight) Weighted(string text, string[] known)
    {
        var equals = text.LastIndexOf('=');
        return equals < 0 || known.Contains(text) ? (text, 1)
            : double.TryParse(text.AsSpan(equals + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) && weight > 0 ? (text[..equals], weight)
            : throw new InvalidDataException($"--set {text}: {text[(equals + 1)..]} is no weight; write a number above 0, such as {text[..equals]}=0.5.");
    }
}
