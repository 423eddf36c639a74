using System.Numerics.Tensors;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.Phi;

/// <summary>Continues a prompt with the most likely token at each step.</summary>
public static class GreedyDecoder
{
    private const int RoomAtOnce = 256;

    /// <summary>Gives the new tokens; a stop token ends them and is not among them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">At least one token, fewer than the context has.</param>
    /// <param name="limit">New tokens at most; the end of the context ends them earlier.</param>
    /// <param name="stopTokens">Tokens that end the answer, for example <see cref="PhiModelConfig.EndTokens"/>.</param>
    /// <param name="adapter">An adapter of the model, or null.</param>
    /// <param name="cancellation">Ends waiting at once and a pass under way within a fraction of a second.</param>
    public static int[] Generate(
        PhiModel model, ReadOnlySpan<int> prompt, int limit, IReadOnlyCollection<int> stopTokens, LoraAdapter? adapter = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(limit));
        model.CheckPrompt(prompt, 0, nameof(prompt));
        model.Enter(cancellation);
        try
        {
            limit = Math.Min(limit, model.Config.ContextLength - prompt.Length + 1);
            using var sequence = new TokenSequence(model, adapter, prompt.Length + Math.Min(limit, RoomAtOnce));
            var tokens = new List<int>();
            var next = TensorPrimitives.IndexOfMax(sequence.Append(prompt, cancellation));
            while (!stopTokens.Contains(next))
            {
                tokens.Add(next);
                if (tokens.Count == limit)
                {
                    break;
                }

                next = TensorPrimitives.IndexOfMax(sequence.Append([next], cancellation));
            }

            return [.. tokens];
        }
        finally
        {
            model.Leave();
        }
    }
}
