using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Prompts;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Alerts;

/// <summary>Why a window was judged as it was: the very prompt, every number behind it, and what the model answered.</summary>
internal static class Explanation
{
    public static JsonObject Of(Prompt prompt, Verdict verdict, SensorModel model)
    {
        var (window, asked) = (verdict.Window, verdict.By?.Sensor ?? model);
        return new JsonObject
        {
            ["sensor"] = window.Sensor.Id,
            ["asset"] = window.Sensor.Asset,
            ["unit"] = window.Sensor.Unit,
            ["window"] = new JsonObject { ["start"] = window.Start, ["end"] = window.End, ["samples"] = window.Samples, ["sparkline"] = window.Sparkline, ["seen"] = Seen(window.Evidence) },
            ["judge"] = verdict.NotJudged is null or NotJudgedReason.NoModel ? verdict.JudgedBy.ToString().ToLowerInvariant() : null,
            ["notJudged"] = verdict.NotJudged is { } reason ? char.ToLowerInvariant(reason.ToString()[0]) + reason.ToString()[1..] : null,
            ["anomalous"] = verdict.Anomalous,
            ["score"] = Number(verdict.Score),
            ["threshold"] = Number(verdict.Threshold),
            ["confidence"] = Number(verdict.NotJudged is null ? asked.Calibration.Probability(verdict.Score) : double.NaN),
            ["gate"] = new JsonObject { ["score"] = Number(window.GateScore), ["threshold"] = Gate.Threshold, ["weight"] = asked.GateWeight },
            ["probabilities"] = Probabilities(verdict, model),
            ["fields"] = Fields(window, model),
            ["prompt"] = model.Prefix + prompt.Text,
            ["model"] = verdict.By?.Model ?? model.Name,
            ["adapter"] = verdict.By?.AdapterVersion,
            ["promptVersion"] = model.PromptVersion,
        };
    }

    private static JsonObject Seen(WindowEvidence seen) => new()
    {
        ["last"] = Number(seen.Last),
        ["mean"] = Number(seen.Mean),
        ["min"] = Number(seen.Min),
        ["max"] = Number(seen.Max),
        ["usual"] = Number(seen.BaselineMedian),
        ["usualSpread"] = Number(seen.BaselineSpread),
    };

    /// <summary>By label; null where the model was not asked.</summary>
    private static JsonObject? Probabilities(Verdict verdict, SensorModel model)
    {
        if (verdict.Kinds.IsEmpty)
        {
            return null;
        }

        var probabilities = new JsonObject { [LabelSpec.Normal] = Number(1 - verdict.Kinds.Sum(p => (double)p)) };
        foreach (var (kind, probability) in WindowJudge.KindsOf(model).Zip(verdict.Kinds))
        {
            probabilities[kind] = Number(probability);
        }

        return probabilities;
    }

    /// <summary>The raw number of each field that the model reads, and the digit that stands for it in the prompt.</summary>
    private static JsonArray Fields(WindowSummary window, SensorModel model) => [.. model.Fields.Select(field =>
    {
        var value = window.Fields[SensorFields.Names.IndexOf(field.Name)];
        var level = FieldLevels.Level(value, field.Edges.AsSpan());
        return (JsonNode)new JsonObject
        {
            ["name"] = field.Name,
            ["value"] = Number(value),
            ["level"] = level == FieldLevels.Absent ? null : level,
            ["share"] = Number(Contributions.Share(value, field.Edges.AsSpan())),
            ["words"] = Contributions.WordsOf(field.Name, value, field.Edges.AsSpan()),
        };
    })];

    /// <summary>JSON has no NaN: what is absent is null. Six digits are more than anyone reads.</summary>
    private static JsonValue? Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)) : null;
}
