namespace EdgeGateway.Phi;

/// <summary>
/// Judges token sequences that begin alike: the logits of a few label tokens after prefix + suffix, in one pass over the suffix. The prefix is
/// computed once. The result is bitwise the same as without that. One scorer per calling thread; not safe for several, but for disposing, which waits for a pass under way.
/// </summary>
public sealed class LabelScorer : IDisposable
{
    private const int FirstRoom = 64;

    private readonly PhiModel model;
    private readonly int[] prefix;
    private readonly int[] labels;
    private readonly Lock passing = new();
    private ForwardPass pass;
    private bool prefixLost;
    private bool disposed;

    /// <summary>Allocates the cache and runs the prefix.</summary>
    /// <param name="model">Must outlive the scorer.</param>
    /// <param name="prefixTokens">What every sequence begins with; may be empty.</param>
    /// <param name="labelTokens">The tokens whose logits are asked for, at least one, in the order of the results.</param>
    public LabelScorer(PhiModel model, ReadOnlySpan<int> prefixTokens, ReadOnlySpan<int> labelTokens)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labelTokens.Length, nameof(labelTokens));
        CheckTokens(model, prefixTokens, nameof(prefixTokens));
        CheckTokens(model, labelTokens, nameof(labelTokens));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prefixTokens.Length, model.Config.ContextLength, nameof(prefixTokens));
        this.model = model;
        prefix = prefixTokens.ToArray();
        labels = labelTokens.ToArray();
        pass = Start(Math.Min(prefix.Length + FirstRoom, model.Config.ContextLength));
    }

    /// <summary>The longest suffix in tokens.</summary>
    public int LongestSuffix => model.Config.ContextLength - prefix.Length;

    /// <summary>Runs prefix + suffix and gives the logits (natural, not normalised) of the label tokens at its last position.</summary>
    /// <param name="suffix">1 to <see cref="LongestSuffix"/> tokens.</param>
    /// <param name="labelLogits">One place for each label token.</param>
    public void Score(ReadOnlySpan<int> suffix, Span<float> labelLogits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(suffix.Length, nameof(suffix));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(suffix.Length, LongestSuffix, nameof(suffix));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labelLogits.Length, labels.Length, nameof(labelLogits));
        CheckTokens(model, suffix, nameof(suffix));
        lock (passing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            MakeRoom(prefix.Length + suffix.Length);
            var logits = LeavesShortRotary(prefix.Length + suffix.Length) ? RunWhole(suffix) : RunSuffix(suffix);
            for (var i = 0; i < labels.Length; i++)
            {
                labelLogits[i] = logits[labels[i]];
            }
        }
    }

    /// <summary>Waits for the pass under way, if any: the native runtime would read freed memory and take the process down. Later passes are refused.</summary>
    public void Dispose()
    {
        lock (passing)
        {
            disposed = true;
            pass.Dispose();
        }
    }

    private ReadOnlySpan<float> RunSuffix(scoped ReadOnlySpan<int> suffix)
    {
        if (prefixLost)
        {
            RunPrefix(pass);
        }

        return suffix.Length == 1 && prefix.Length > 0 ? pass.Run(prefix.Length - 1, [prefix[^1], suffix[0]]) : pass.Run(prefix.Length, suffix);
    }

    /// <summary>Keys of the prefix were rotated by the short table and the whole sequence needs the long one: everything is computed anew.</summary>
    private ReadOnlySpan<float> RunWhole(scoped ReadOnlySpan<int> suffix)
    {
        prefixLost = true;
        return pass.Run(0, [.. prefix, .. suffix]);
    }

    private bool LeavesShortRotary(int total) => model.RotarySwitch is { } longest && prefix.Length > 0 && prefix.Length <= longest && total > longest;

    private ForwardPass Start(int capacity)
    {
        var started = new ForwardPass(model, capacity);
        RunPrefix(started);
        return started;
    }

    /// <summary>
    /// The products of a single row go through another kernel, which sums in another order. So a single token is never run alone unless it is the
    /// whole sequence: a prefix of one gets a second token, whose row is overwritten later, and a suffix of one runs with the last of the prefix again.
    /// </summary>
    private void RunPrefix(ForwardPass into)
    {
        if (prefix.Length > 0)
        {
            into.Run(0, prefix.Length == 1 ? [prefix[0], prefix[0]] : prefix);
        }

        prefixLost = false;
    }

    private void MakeRoom(int tokens)
    {
        if (tokens > pass.Capacity)
        {
            var capacity = Math.Min(Math.Max(tokens, 2 * pass.Capacity), model.Config.ContextLength);
            pass.Dispose();
            pass = Start(capacity);
        }
    }

    private static void CheckTokens(PhiModel model, ReadOnlySpan<int> tokens, string name)
    {
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)model.Config.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(name, token, $"token ids of this model lie between 0 and {model.Config.VocabularySize - 1}");
            }
        }
    }
}
