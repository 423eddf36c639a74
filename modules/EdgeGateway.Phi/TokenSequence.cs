using EdgeGateway.Phi.Lora;

namespace EdgeGateway.Phi;

/// <summary>
/// A sequence of tokens on its way through a model: keys and values of what was run are kept, so that a longer sequence costs only what was added. Where a longrope model
/// changes over to its long rotary table, everything is computed anew, as ONNX Runtime GenAI and Hugging Face do. Not safe for several threads.
/// </summary>
public sealed class TokenSequence : IDisposable
{
    private const int FirstRoom = 64;

    private readonly PhiModel model;
    private readonly LoraAdapter? adapter;
    private readonly bool sameBits;
    private int[] tokens;
    private ForwardPass pass;
    private int computed;
    private bool computedLong;
    private bool disposed;

    /// <summary>Begins an empty sequence.</summary>
    /// <param name="model">The model; disposing it meanwhile is safe, its memory goes with the last sequence.</param>
    /// <param name="adapter">An adapter of this model, or null.</param>
    /// <param name="capacity">Tokens to make room for at once; more room is made when needed, which computes everything anew.</param>
    public TokenSequence(PhiModel model, LoraAdapter? adapter = null, int capacity = FirstRoom)
        : this(model, adapter, capacity, sameBits: false)
    {
    }

    /// <param name="model">See above.</param>
    /// <param name="adapter">See above.</param>
    /// <param name="capacity">See above.</param>
    /// <param name="sameBits">Computes a few rows once more where that is needed for the bits not to depend on how a sequence was put together.</param>
    internal TokenSequence(PhiModel model, LoraAdapter? adapter, int capacity, bool sameBits)
    {
        if (adapter is not null && adapter.Model != model)
        {
            throw new ArgumentException($"the adapter {adapter.Name} was loaded for another model", nameof(adapter));
        }

        this.model = model;
        this.adapter = adapter;
        this.sameBits = sameBits;
        capacity = Math.Clamp(capacity, 2, Math.Max(2, model.Config.ContextLength));
        tokens = new int[capacity];
        model.Take();
        try
        {
            adapter?.Take();
        }
        catch
        {
            model.Return();
            throw;
        }

        try
        {
            pass = new ForwardPass(model, adapter, capacity);
        }
        catch
        {
            adapter?.Return();
            model.Return();
            throw;
        }
    }

    /// <summary>Tokens so far.</summary>
    public int Length { get; private set; }

    internal ForwardPass Pass => pass;

    /// <summary>Adds tokens and gives the logits (natural, not normalised) of the whole vocabulary after the last one, valid until the next call.</summary>
    /// <exception cref="ArgumentException">There is none, one is not in the vocabulary, or the sequence would be longer than the context.</exception>
    /// <exception cref="OperationCanceledException">Cancelled on the way; the sequence is as before.</exception>
    public ReadOnlySpan<float> Append(scoped ReadOnlySpan<int> added, CancellationToken cancellation = default)
    {
        var before = Length;
        Add(added);
        try
        {
            return Compute(cancellation);
        }
        catch (OperationCanceledException)
        {
            Truncate(before);
            throw;
        }
    }

    /// <summary>Forgets the last tokens.</summary>
    /// <param name="length">Tokens to keep, at most <see cref="Length"/>.</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        Length = length;
        computed = Math.Min(computed, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            pass.Dispose();
            adapter?.Return();
            model.Return();
        }
    }

    /// <summary>Adds tokens that the next <see cref="Append"/> computes.</summary>
    internal void Add(ReadOnlySpan<int> added)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        model.CheckPrompt(added, Length, nameof(added));
        if (Length + added.Length > tokens.Length)
        {
            MakeRoom(Length + added.Length);
        }

        added.CopyTo(tokens.AsSpan(Length));
        Length += added.Length;
    }

    /// <summary>Computes what was added, for later: the logits are not of use.</summary>
    internal void Prime(CancellationToken cancellation)
    {
        if (Length < model.Rows.Fewest && pass.Capacity >= model.Rows.Fewest)
        {
            // further tokens, whose rows are overwritten later, so that there are enough
            tokens.AsSpan(Length, model.Rows.Fewest - Length).Fill(tokens[0]);
            pass.Run(0, tokens.AsSpan(0, model.Rows.Fewest), longRotary: false, cancellation);
            (computed, computedLong) = (Length, false);
        }
        else if (Length > computed)
        {
            Compute(cancellation);
        }
    }

    private ReadOnlySpan<float> Compute(CancellationToken cancellation)
    {
        var isLong = model.RotarySwitch is { } longest && Length > longest;
        var from = isLong == computedLong ? computed : 0;
        from = sameBits ? model.Rows.Begin(from, Length) : from;
        (computed, computedLong) = (from, isLong);
        var logits = pass.Run(from, tokens.AsSpan(from, Length - from), isLong, cancellation);
        computed = Length;
        return logits;
    }

    private void MakeRoom(int length)
    {
        var capacity = Math.Min(Math.Max(length, 2 * tokens.Length), model.Config.ContextLength);
        var roomier = new ForwardPass(model, adapter, capacity);
        pass.Dispose();
        pass = roomier;
        computed = 0;
        Array.Resize(ref tokens, capacity);
    }
}
