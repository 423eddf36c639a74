using EdgeGateway.Phi;
using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>The tokens around the text of a prompt, and those of the labels, in the form that the model is asked in.</summary>
internal sealed class PromptFrame
{
    private readonly Tokenizer tokenizer;

    /// <exception cref="SensorModelException">The tokenizer does not know a label, or has no chat template.</exception>
    public PromptFrame(Tokenizer tokenizer, SensorModel sensor)
    {
        this.tokenizer = tokenizer;
        if (sensor.Form == PromptForm.Chat)
        {
            var chat = ChatTemplate.Of(tokenizer)
                ?? throw new SensorModelException($"{sensor.Name} asks in the form \"chat\", but the model's tokenizer has no <|user|>, <|assistant|> and <|end|>; take an instruction-tuned Phi-3 or Phi-4-mini, or put a {SensorModel.FileName} into the folder.");
            Before = chat.BeginTurn("user", sensor.Prefix);
            After = [.. chat.EndOfTurn(), .. chat.BeginTurn("assistant")];
            Labels = [.. sensor.Labels.Select(label => Answer(chat, label))];
        }
        else
        {
            Before = tokenizer.Encode(sensor.Prefix ?? "", addSpecialTokens: true);
            Labels = [.. sensor.Labels.Select(Token)];
        }

        var digits = $"0123456789{sensor.Absent}";
        LongestText = tokenizer.Encode(sensor.Suffix, addSpecialTokens: false).Length
            + sensor.Fields.Sum(f => digits.Max(d => tokenizer.Encode($"{f.Code}{d}", addSpecialTokens: false).Length));
    }

    /// <summary>What every prompt begins with.</summary>
    public int[] Before { get; }

    /// <summary>What every prompt ends with.</summary>
    public int[] After { get; } = [];

    /// <summary>The tokens of each label, in the order of the sensor model.</summary>
    public int[][] Labels { get; }

    /// <summary>Tokens of the longest text between the two.</summary>
    public int LongestText { get; }

    /// <summary>Writes the tokens of a prompt's text and what follows; gives their number.</summary>
    public int Encode(ReadOnlySpan<char> text, Span<int> tokens)
    {
        var count = tokenizer.Encode(text, tokens);
        After.CopyTo(tokens[count..]);
        return count + After.Length;
    }

    private int[] Token(LabelSpec label) => tokenizer.TryGetId(label.Token, out var id)
        ? [id]
        : throw new SensorModelException($"The label \"{label.Token}\" of {SensorModel.FileName} is not one token of the model's tokenizer.json.");

    private static int[] Answer(ChatTemplate chat, LabelSpec label)
    {
        var (silent, spoken) = (chat.BeginTurn("assistant"), chat.BeginTurn("assistant", label.Token));
        return spoken.AsSpan().StartsWith(silent) && spoken.Length > silent.Length
            ? spoken[silent.Length..]
            : throw new SensorModelException($"The label \"{label.Token}\" of {SensorModel.FileName} melts into the tokens before it; choose another word.");
    }
}
