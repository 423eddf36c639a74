using EdgeGateway.Phi;
using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>A Phi model as judge of windows: one forward pass of the prompt, softmax over the label tokens. One per thread; the model is shared.</summary>
internal sealed class PhiVerdictModel : IVerdictModel
{
    private readonly LabelScorer scorer;
    private readonly Tokenizer tokenizer;
    private readonly int[] tokens;

    /// <summary>Prepares scoring: the static prefix is computed here, once.</summary>
    /// <exception cref="SensorModelException">A label is not one token, or prompts do not fit into the model's context.</exception>
    public PhiVerdictModel(PhiModel model, SensorModel sensor)
    {
        tokenizer = model.Tokenizer;
        var prefix = tokenizer.Encode(sensor.Prefix ?? "", addSpecialTokens: true);
        tokens = new int[Math.Max(0, model.Config.ContextLength - prefix.Length)];
        var longest = LongestPrompt(sensor);
        if (longest > tokens.Length)
        {
            throw new SensorModelException($"The prompts of {sensor.Name} take up to {prefix.Length + longest} tokens, but the model's context_length is {model.Config.ContextLength}.");
        }

        scorer = new LabelScorer(model, prefix, [.. sensor.Labels.Select(LabelToken)]);
    }

    /// <inheritdoc/>
    public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
    {
        var count = tokenizer.Encode(prompt, tokens);
        scorer.Score(tokens.AsSpan(0, count), probabilities);
        Softmax(probabilities);
    }

    /// <inheritdoc/>
    public void Dispose() => scorer.Dispose();

    private int LongestPrompt(SensorModel sensor)
    {
        var digits = $"0123456789{sensor.Absent}";
        return tokenizer.Encode(sensor.Suffix, addSpecialTokens: false).Length
            + sensor.Fields.Sum(f => digits.Max(d => tokenizer.Encode($"{f.Code}{d}", addSpecialTokens: false).Length));
    }

    private int LabelToken(LabelSpec label) => tokenizer.TryGetId(label.Token, out var id)
        ? id
        : throw new SensorModelException($"The label \"{label.Token}\" of {SensorModel.FileName} is not one token of the model's tokenizer.json.");

    private static void Softmax(Span<float> logits)
    {
        var highest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            highest = Math.Max(highest, logit);
        }

        var sum = 0f;
        foreach (ref var logit in logits)
        {
            logit = MathF.Exp(logit - highest);
            sum += logit;
        }

        foreach (ref var logit in logits)
        {
            logit /= sum;
        }
    }
}
