namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Checks the GroupQueryAttention nodes. The runtime takes their lengths as they come and reads and writes the cache by them, and the engine gives past and present one memory: so both
/// must be wired exactly as the builder wires them.
/// </summary>
internal sealed class AttentionCheck(OnnxGraph graph, PhiModelConfig config)
{
    private const int Cos = 7;
    private const int Sin = 8;

    public void Check()
    {
        var attentions = graph.Nodes.Where(node => node.OpType == "GroupQueryAttention").ToArray();
        if (attentions.Length != config.Layers)
        {
            throw graph.Disagrees("num_hidden_layers", config.Layers, attentions.Length);
        }

        var layers = new HashSet<int>();
        foreach (var attention in attentions)
        {
            CheckNumbers(attention);
            CheckRotary(attention, attentions[0]);
            CheckLengths(attention);
            if (CachedLayer(attention) is not { } layer || !layers.Add(layer))
            {
                throw graph.Refuse($"{attention.Name} does not read and write the cache of one layer of its own");
            }
        }
    }

    private void CheckNumbers(NodeProto attention)
    {
        graph.Compare("num_attention_heads", config.Heads, attention.Integer("num_heads", 0));
        graph.Compare("num_key_value_heads", config.KeyValueHeads, attention.Integer("kv_num_heads", 0));
        if (attention.Integer("do_rotary", 0) != 1)
        {
            throw graph.Refuse($"{attention.Name} does not rotate by itself (do_rotary is not 1)", RefusalReason.GraphUnsupported);
        }

        if (attention.Integer("local_window_size", -1) is not (-1 or (> 0 and <= int.MaxValue)) and var window)
        {
            throw graph.Refuse($"{attention.Name} has local_window_size {window}, which is no window");
        }

        if (attention.Input.Skip(Sin + 1).Any(input => input.Length > 0) || attention.Input[1].Length > 0 != attention.Input[2].Length > 0)
        {
            throw graph.Refuse($"{attention.Name} has other inputs than query, key, value, cache, lengths and rotary tables", RefusalReason.GraphUnsupported);
        }
    }

    private void CheckRotary(NodeProto attention, NodeProto first)
    {
        if (attention.InputAt(Cos) is not { } cos || attention.InputAt(Sin) is not { } sin || cos == sin || cos != first.Input[Cos] || sin != first.Input[Sin])
        {
            throw graph.Refuse($"{attention.Name} lacks the rotary tables that all layers share", RefusalReason.GraphUnsupported);
        }

        foreach (var cache in (string[])[cos, sin])
        {
            if (LongestSequence(cache) is { } rows && rows < config.ContextLength)
            {
                throw graph.Disagrees("context_length", config.ContextLength, rows);
            }
        }
    }

    /// <summary>Height of the rotary table. Of the two of a longrope model the short one must last up to the switch, the long one for all the rest.</summary>
    private long? LongestSequence(string cache)
    {
        if (graph.Weight(cache) is { Dims.Count: 2 } table)
        {
            return table.Dims[0];
        }

        if (graph.Producer(cache) is not { OpType: "If" } choice)
        {
            return null;
        }

        var (ofLong, ofShort) = (Rows("then_branch"), Rows("else_branch"));
        return ofShort < RotarySwitch.Find(graph) ? ofShort : ofLong;

        long? Rows(string branch) => choice.Attribute(branch)?.G?.Node.SelectMany(node => node.Attribute).Where(attribute => attribute.T is { Dims.Count: 2 }).Min(attribute => (long?)attribute.T.Dims[0]);
    }

    /// <summary>seqlens_k = sum of the mask - 1, total_sequence_length = width of the mask, both as int32.</summary>
    private void CheckLengths(NodeProto attention)
    {
        var past = Step(Step(Step(attention.Input[5], "Cast"), "Sub", 1), "ReduceSum", 1);
        var total = Step(Step(Step(attention.Input[6], "Cast"), "Gather", 1), "Shape");
        if (past != config.Names.AttentionMask || total != config.Names.AttentionMask)
        {
            throw graph.Refuse($"{attention.Name} takes its lengths from something else than the sum and the width of {config.Names.AttentionMask}", RefusalReason.GraphUnsupported);
        }
    }

    /// <summary>What a node of this type reads first, when its second input is the given constant.</summary>
    private string? Step(string? output, string type, long? constant = null) =>
        output is not null && graph.Producer(output) is { } node && node.OpType == type && node.Input.Count == (constant is null ? 1 : 2) && (constant is null || graph.Constant(node.Input[1]) == constant)
            ? node.Input[0]
            : null;

    private int? CachedLayer(NodeProto attention)
    {
        var names = config.Names;
        var found = Enumerable.Range(0, config.Layers).Where(layer => attention.Input[3] == names.PastKey(layer) && attention.Input[4] == names.PastValue(layer)
            && attention.Output.Count == 3 && attention.Output[1] == names.PresentKey(layer) && attention.Output[2] == names.PresentValue(layer)).ToArray();
        return found.Length == 1 ? found[0] : null;
    }
}
