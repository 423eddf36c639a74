using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Phi.Lora;

/// <summary>
/// Fits adapters to the linear layers of a graph. Graph and adapter may keep query, key and value, or gate and up, packed or apart, each in its own way: a
/// module is a range of outputs in the packed layer, and a slot takes what overlaps with it.
/// </summary>
internal sealed class LoraSlots
{
    private readonly PhiModelConfig config;
    private readonly int intermediate;

    public LoraSlots(PhiModelConfig config, IReadOnlyList<LoraSlot> slots)
    {
        this.config = config;
        All = slots;
        intermediate = slots.FirstOrDefault(slot => slot.Module is "gate_proj" or "up_proj" or "fc1")?.Outputs
            ?? slots.FirstOrDefault(slot => slot.Module == "gate_up_proj")?.Outputs / 2 ?? 0;
    }

    public IReadOnlyList<LoraSlot> All { get; }

    /// <summary>The factors for every slot that the adapter changes.</summary>
    /// <exception cref="ModelRefusedException">The adapter was made for a model of other shapes, or holds a value that is not finite.</exception>
    public IEnumerable<(LoraSlot Slot, FloatTensor A, FloatTensor B)> Fit(string file, IReadOnlyList<LoraDelta> deltas)
    {
        foreach (var delta in deltas)
        {
            Check(file, delta);
        }

        foreach (var slot in All)
        {
            var parts = deltas.Where(delta => delta.Layer == slot.Layer && Overlap(slot, delta) is { Width: > 0 }).ToArray();
            if (parts.Length > 0)
            {
                yield return (slot, Join(slot, parts), Spread(slot, parts));
            }
        }
    }

    private void Check(string file, LoraDelta delta)
    {
        if (!delta.IsFinite)
        {
            throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{file}: {delta.Name} holds a value that is not finite; train or export the adapter again.");
        }

        var place = Place(delta.Module);
        var slot = All.FirstOrDefault(slot => slot.Layer == delta.Layer && Place(slot.Module).Layer == place.Layer)
            ?? throw new ModelRefusedException(RefusalReason.AdapterDisagrees, $"{file} changes {delta.Name}, a linear layer that the model with {config.Layers} layers does not have; use the model that the adapter was trained on.");
        if (delta.A.Shape[0] != slot.Inputs || delta.B.Shape[1] != place.Width)
        {
            throw new ModelRefusedException(RefusalReason.AdapterDisagrees,
                $"{file}: {delta.Name} has the shapes {delta.Shapes}, but the model's layer takes {slot.Inputs} and gives {place.Width} numbers; use the model that the adapter was trained on.");
        }
    }

    /// <summary>Where a module lies in its packed layer: the packed layer's name, first output, number of outputs.</summary>
    private (string Layer, int Start, int Width) Place(string module)
    {
        var (query, key) = (config.Heads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
        return module switch
        {
            "qkv_proj" => ("qkv_proj", 0, query + (2 * key)),
            "q_proj" => ("qkv_proj", 0, query),
            "k_proj" => ("qkv_proj", query, key),
            "v_proj" => ("qkv_proj", query + key, key),
            "o_proj" or "dense" => ("o_proj", 0, config.HiddenSize),
            "gate_up_proj" => ("gate_up_proj", 0, 2 * intermediate),
            "gate_proj" => ("gate_up_proj", 0, intermediate),
            "up_proj" => ("gate_up_proj", intermediate, intermediate),
            "fc1" => ("fc1", 0, intermediate),
            _ => (module, 0, config.HiddenSize),
        };
    }

    /// <summary>The outputs that both have, counted in the packed layer.</summary>
    private (int Start, int Width) Overlap(LoraSlot slot, LoraDelta delta)
    {
        var (mine, other) = (Place(slot.Module), Place(delta.Module));
        var start = Math.Max(mine.Start, other.Start);
        return mine.Layer == other.Layer ? (start, Math.Min(mine.Start + mine.Width, other.Start + other.Width) - start) : (0, 0);
    }

    /// <summary>All A side by side: [inputs, sum of ranks].</summary>
    private static FloatTensor Join(LoraSlot slot, LoraDelta[] parts)
    {
        var rank = parts.Sum(part => part.Rank);
        var data = FloatTensor.NewData(slot.Inputs * rank);
        for (var row = 0; row < slot.Inputs; row++)
        {
            var at = row * rank;
            foreach (var part in parts)
            {
                part.A.Data.AsSpan(row * part.Rank, part.Rank).CopyTo(data.AsSpan(at));
                at += part.Rank;
            }
        }

        return new FloatTensor([slot.Inputs, rank], data);
    }

    /// <summary>Each B at its own outputs, zeros elsewhere: [sum of ranks, outputs].</summary>
    private FloatTensor Spread(LoraSlot slot, LoraDelta[] parts)
    {
        var rank = parts.Sum(part => part.Rank);
        var data = FloatTensor.NewData(rank * slot.Outputs);
        var row = 0;
        foreach (var part in parts)
        {
            var (start, width) = Overlap(slot, part);
            var (from, to) = (start - Place(part.Module).Start, start - Place(slot.Module).Start);
            for (var i = 0; i < part.Rank; i++)
            {
                part.B.Data.AsSpan((i * part.B.Shape[1]) + from, width).CopyTo(data.AsSpan((row++ * slot.Outputs) + to));
            }
        }

        return new FloatTensor([rank, slot.Outputs], data);
    }
}
