using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Prompts;

/// <summary>
/// Window summary -> prompt: each field becomes its code and one digit, its level among the model's edges. Deterministic; the length is the same for every window, so
/// the token budget is checked once, when a model is loaded.
/// </summary>
internal sealed class PromptWriter
{
    private readonly SensorModel model;
    private readonly int[] fieldIndexes;
    private readonly double[][] edges;

    public PromptWriter(SensorModel model)
    {
        this.model = model;
        fieldIndexes = [.. model.Fields.Select(f => SensorFields.Names.IndexOf(f.Name))];
        edges = [.. model.Fields.Select(f => f.Edges.ToArray())];
        Length = model.Fields.Sum(f => f.Code.Length + 1) + model.Suffix.Length;
    }

    /// <summary>Characters of every prompt.</summary>
    public int Length { get; }

    /// <summary>The prompt of one window.</summary>
    public Prompt Write(WindowSummary window) =>
        new(window, string.Create(Length, (this, window.Fields), static (text, state) => state.Item1.Write(state.Fields.AsSpan(), text)));

    /// <summary>Writes the prompt of these raw fields into exactly <see cref="Length"/> characters.</summary>
    public void Write(ReadOnlySpan<double> fields, Span<char> text)
    {
        var at = 0;
        for (var i = 0; i < fieldIndexes.Length; i++)
        {
            var code = model.Fields[i].Code;
            code.CopyTo(text[at..]);
            at += code.Length;
            var level = FieldLevels.Level(fields[fieldIndexes[i]], edges[i]);
            text[at++] = level == FieldLevels.Absent ? model.Absent[0] : (char)('0' + level);
        }

        model.Suffix.CopyTo(text[at..]);
    }
}
