using System.Numerics.Tensors;
using EdgeGateway.Phi.Lora;

namespace EdgeGateway.Phi;

/// <summary>
/// Judges token sequences that begin alike: how likely each of a few labels is as continuation of prefix + suffix. The prefix is computed once for each adapter and thread; a call
/// runs the suffix behind it, and only labels of several tokens cost further passes. The result is bitwise the same as without a kept prefix. Safe for many threads.
/// </summary>
public sealed class LabelScorer : IDisposable
{
    private const int FirstRoom = 64;

    private readonly PhiModel model;
    private readonly int[] prefix;
    private readonly int[][] labels;
    private readonly int reserved;
    private readonly Lock gate = new();
    private readonly Stack<TokenSequence> plain = new();
    private readonly Dictionary<LoraAdapter, Stack<TokenSequence>> adapted = [];
    private bool disposed;

    /// <summary>Computes the prefix.</summary>
    /// <param name="model">Disposing it before the scorer is safe: its memory goes with the scorer's.</param>
    /// <param name="prefixTokens">What every sequence begins with; may be empty.</param>
    /// <param name="labels">The labels, at least one, each of at least one token, in the order of the results.</param>
    public LabelScorer(PhiModel model, ReadOnlySpan<int> prefixTokens, IReadOnlyList<int[]> labels)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Count, nameof(labels));
        this.model = model;
        this.labels = [.. labels];
        prefix = prefixTokens.ToArray();
        if (prefix.Length > 0)
        {
            model.CheckPrompt(prefix, 0, nameof(prefixTokens));
        }

        foreach (var label in labels)
        {
            model.CheckPrompt(label, prefix.Length, nameof(labels));
        }

        reserved = prefix.Length + labels.Max(label => label.Length) - 1;
        plain.Push(Begin(null, CancellationToken.None));
    }

    /// <summary>The longest suffix in tokens: a label of several tokens needs room too.</summary>
    public int LongestSuffix => model.Config.ContextLength - reserved;

    /// <summary>
    /// Runs prefix + suffix and scores the labels: the natural logarithm of each one's probability, up to a constant that they share. For labels of one token these are the logits.
    /// A softmax over the scores gives the probabilities among the labels.
    /// </summary>
    /// <param name="suffix">1 to <see cref="LongestSuffix"/> tokens.</param>
    /// <param name="scores">One place for each label.</param>
    /// <param name="adapter">An adapter of the model, or null.</param>
    /// <param name="cancellation">Ends waiting at once and a pass under way within a fraction of a second.</param>
    public void Score(ReadOnlySpan<int> suffix, Span<float> scores, LoraAdapter? adapter = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, labels.Length, nameof(scores));
        model.CheckPrompt(suffix, reserved, nameof(suffix));
        model.Enter(cancellation);
        try
        {
            var sequence = Rent(adapter) ?? Begin(adapter, cancellation);
            try
            {
                Score(sequence, suffix, scores, cancellation);
            }
            finally
            {
                Return(adapter, sequence);
            }
        }
        finally
        {
            model.Leave();
        }
    }

    /// <summary>Later calls are refused; those under way finish.</summary>
    public void Dispose()
    {
        TokenSequence[] idle;
        lock (gate)
        {
            disposed = true;
            idle = [.. plain, .. adapted.Values.SelectMany(sequences => sequences)];
            plain.Clear();
            foreach (var adapter in adapted.Keys)
            {
                adapter.Retired -= Forget;
            }

            adapted.Clear();
        }

        Array.ForEach(idle, sequence => sequence.Dispose());
    }

    private void Score(TokenSequence sequence, ReadOnlySpan<int> suffix, Span<float> scores, CancellationToken cancellation)
    {
        sequence.Truncate(prefix.Length);
        var logits = sequence.Append(suffix, cancellation);
        var several = Array.Exists(labels, label => label.Length > 1);
        var total = several ? LogSumExp(logits) : 0;
        for (var i = 0; i < labels.Length; i++)
        {
            scores[i] = logits[labels[i][0]] - total;
        }

        for (var i = 0; several && i < labels.Length; i++)
        {
            sequence.Truncate(prefix.Length + suffix.Length);
            for (var next = 1; next < labels[i].Length; next++)
            {
                logits = sequence.Append(labels[i].AsSpan(next - 1, 1), cancellation);
                scores[i] += logits[labels[i][next]] - LogSumExp(logits);
            }
        }
    }

    private static float LogSumExp(ReadOnlySpan<float> logits)
    {
        var (highest, sum) = (TensorPrimitives.Max(logits), 0d);
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - highest);
        }

        return highest + (float)Math.Log(sum);
    }

    private TokenSequence Begin(LoraAdapter? adapter, CancellationToken cancellation)
    {
        var sequence = new TokenSequence(model, adapter, prefix.Length + FirstRoom, sameBits: true);
        try
        {
            if (prefix.Length > 0)
            {
                sequence.Add(prefix);
                sequence.Prime(cancellation);
            }

            return sequence;
        }
        catch
        {
            sequence.Dispose();
            throw;
        }
    }

    private TokenSequence? Rent(LoraAdapter? adapter)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return (adapter is null ? plain : adapted.GetValueOrDefault(adapter))?.TryPop(out var sequence) == true ? sequence : null;
        }
    }

    private void Return(LoraAdapter? adapter, TokenSequence sequence)
    {
        lock (gate)
        {
            if (!disposed)
            {
                Idle(adapter).Push(sequence);
                sequence = null!;
            }
        }

        sequence?.Dispose();
        if (adapter is { IsRetired: true })
        {
            // it may have been disposed before this scorer listened
            Forget(adapter);
        }
    }

    private Stack<TokenSequence> Idle(LoraAdapter? adapter)
    {
        if (adapter is null)
        {
            return plain;
        }

        if (!adapted.TryGetValue(adapter, out var sequences))
        {
            adapter.Retired += Forget;
            sequences = new Stack<TokenSequence>();
            adapted.Add(adapter, sequences);
        }

        return sequences;
    }

    private void Forget(LoraAdapter adapter)
    {
        Stack<TokenSequence>? idle;
        lock (gate)
        {
            adapted.Remove(adapter, out idle);
        }

        foreach (var sequence in idle ?? [])
        {
            sequence.Dispose();
        }
    }
}
