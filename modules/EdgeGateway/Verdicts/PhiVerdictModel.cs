using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Prompts;

namespace EdgeGateway.Verdicts;

/// <summary>A Phi model as judge of windows: one forward pass of the prompt, softmax over the labels. The model is shared.</summary>
internal sealed class PhiVerdictModel : IVerdictModel
{
    private readonly LoraAdapter? adapter;
    private readonly LabelScorer scorer;
    private readonly PromptFrame frame;
    private readonly int[] tokens;

    /// <summary>Prepares scoring: the static prefix is computed here, once.</summary>
    /// <param name="adapter">An adapter of the model, which stays its owner's; null = the model alone.</param>
    /// <exception cref="SensorModelException">A label is not one token, or prompts do not fit into the model's context.</exception>
    public PhiVerdictModel(PhiModel model, SensorModel sensor, LoraAdapter? adapter = null)
    {
        this.adapter = adapter;
        frame = new PromptFrame(model.Tokenizer, sensor);
        var needed = frame.Before.Length + frame.LongestText + frame.After.Length + frame.Labels.Max(label => label.Length) - 1;
        if (needed > model.Config.ContextLength)
        {
            throw new SensorModelException($"The prompts of {sensor.Name} take up to {needed} tokens, but the model's context_length is {model.Config.ContextLength}.");
        }

        tokens = new int[model.Config.ContextLength - frame.Before.Length];
        scorer = new LabelScorer(model, frame.Before, frame.Labels);
    }

    /// <inheritdoc/>
    public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
    {
        scorer.Score(tokens.AsSpan(0, frame.Encode(prompt, tokens)), probabilities, adapter);
        Softmax(probabilities);
    }

    /// <inheritdoc/>
    public void Dispose() => scorer.Dispose();

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
