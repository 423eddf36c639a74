using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Settings;
using EdgeGateway.Windows;

namespace EdgeGateway.Prompts;

/// <summary>
/// What a model reads and answers: the content of <c>sensor.json</c>, which lies beside genai_config.json in the model folder. Nothing of it is in the code, so that a
/// model with other fields, edges or labels needs no new version of the gateway. Format: docs/formats/sensor-model.md.
/// </summary>
/// <param name="Prefix">Text before the first field, the same in every prompt; "" when the tokenizer's own start token is all.</param>
/// <param name="Suffix">Text after the last field; the answer follows it.</param>
/// <param name="Absent">The character that stands for an absent field.</param>
/// <param name="Fields">The fields in prompt order.</param>
/// <param name="Labels">The answers; exactly one has the kind "normal".</param>
/// <param name="Threshold">Score (log-odds) above which a window counts as anomalous.</param>
/// <param name="KindMinimum">Share of a kind among the anomalous ones above which it is named.</param>
/// <param name="MinimumSamples">Samples of a sensor before its windows are judged.</param>
/// <param name="Form">How the text is put to the model.</param>
/// <param name="GateWeight">How much the gate's statistics count in the score beside the model; 0 = not at all.</param>
internal sealed record SensorModel(
    [property: JsonRequired] int Schema,
    [property: JsonRequired] string Name,
    [property: JsonRequired] int PromptVersion,
    string Prefix,
    [property: JsonRequired] string Suffix,
    [property: JsonRequired] string Absent,
    [property: JsonRequired] ImmutableArray<FieldSpec> Fields,
    [property: JsonRequired] ImmutableArray<LabelSpec> Labels,
    [property: JsonRequired] double Threshold,
    [property: JsonRequired] ScoreCalibration Calibration,
    [property: JsonRequired] double KindMinimum,
    [property: JsonRequired] int MinimumSamples,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] PromptForm Form = PromptForm.Plain,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double GateWeight = 0)
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "sensor.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    /// <summary>What a model is asked whose folder has no sensor.json, as published chat models.</summary>
    internal static string ForChatModels => Path.Combine(AppContext.BaseDirectory, "models", "chat");

    /// <summary>Reads and checks the file. A folder without one is taken for a published chat model.</summary>
    /// <exception cref="SensorModelException">It is missing or cannot be used; the message says what and where.</exception>
    public static SensorModel Load(string modelFolder)
    {
        var own = Path.Combine(modelFolder, FileName);
        var path = Directory.Exists(modelFolder) && !File.Exists(own) ? Path.Combine(ForChatModels, FileName) : own;
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads and checks the content of the file.</summary>
    /// <param name="path">What the file is called in messages.</param>
    /// <exception cref="SensorModelException">It cannot be used; the message says what and where.</exception>
    public static SensorModel Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            var model = JsonSerializer.Deserialize<SensorModel>(json, Json) ?? throw new JsonException("it holds null");
            return model.Problem() is { } problem ? throw new SensorModelException($"{path}: {problem}.") : model;
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The same, judging alone.</summary>
    internal SensorModel WithoutGate => this with { GateWeight = 0 };

    /// <summary>The same with what an operator set in its place.</summary>
    internal SensorModel Under(DetectionSettings settings) =>
        this with { Threshold = settings.Threshold ?? Threshold, KindMinimum = settings.KindMinimum ?? KindMinimum };

    /// <summary>The score of a window: the model's log-odds of "not normal", and what its gate score is above the gate's own threshold.</summary>
    public double Score(double logOdds, double gateScore) => logOdds + (GateWeight * (gateScore - Gate.Threshold));

    private static SensorModelException Unreadable(string path, Exception e) => new($"{path} cannot be read as the description of a sensor model: {e.Message}", e);

    private string? Problem() =>
        Schema != 1 ? $"schema {Schema} is not known, this version reads schema 1"
        : Fields.IsDefaultOrEmpty ? "it names no fields"
        : Fields.Select(f => f.Problem()).FirstOrDefault(p => p is not null) is { } field ? field
        : Labels.IsDefaultOrEmpty || Labels.Count(l => l.Kind == LabelSpec.Normal) != 1 ? "exactly one label must have the kind \"normal\""
        : Labels.Length < 2 ? "a kind besides \"normal\" is missing"
        : Absent.Length != 1 ? "absent must be one character"
        : Suffix.Length == 0 ? "suffix is empty"
        : !double.IsFinite(Threshold) || !double.IsFinite(GateWeight) ? "threshold or gateWeight is no finite number"
        : null;
}

/// <summary>How the text of a prompt is put to the model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromptForm>))]
internal enum PromptForm
{
    /// <summary>The text alone; a label is the next token.</summary>
    [JsonStringEnumMemberName("plain")]
    Plain,

    /// <summary>As the user's turn of a conversation, in the form of the model's family; a label is what the assistant's turn begins with.</summary>
    [JsonStringEnumMemberName("chat")]
    Chat,
}

/// <summary>One field of the prompt: its name, the text that announces it, and the nine values at which its digit rises.</summary>
internal sealed record FieldSpec([property: JsonRequired] string Name, [property: JsonRequired] string Code, [property: JsonRequired] ImmutableArray<double> Edges)
{
    internal string? Problem() =>
        !Windows.Fields.SensorFields.Names.Contains(Name) ? $"the field \"{Name}\" is not one that this version computes"
        : Code.Length == 0 ? $"the field \"{Name}\" has no code"
        : Edges.Length != 9 || Edges.Any(e => !double.IsFinite(e)) || !Edges.SequenceEqual(Edges.Order()) ? $"the field \"{Name}\" needs nine rising edges"
        : null;
}

/// <summary>One answer of the model: the token it says, and the kind of fault that it means.</summary>
internal sealed record LabelSpec([property: JsonRequired] string Token, [property: JsonRequired] string Kind)
{
    /// <summary>The kind that is no fault.</summary>
    public const string Normal = "normal";
}

/// <summary>Logistic map of a score to the probability that the window is really anomalous: 1 / (1 + exp(-(Slope * score + Offset))).</summary>
internal sealed record ScoreCalibration([property: JsonRequired] double Slope, [property: JsonRequired] double Offset)
{
    /// <summary>Probability of 0..1.</summary>
    public double Probability(double score) => 1 / (1 + Math.Exp(-((Slope * score) + Offset)));
}

/// <summary>A model folder whose sensor.json cannot be used.</summary>
internal sealed class SensorModelException(string message, Exception? inner = null) : Exception(message, inner);
