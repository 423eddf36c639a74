using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>What adapters cost: verdicts a second of a model without room for any, with room and none, and with random ones of some ranks on all linear layers.</summary>
internal static class AdapterBench
{
    private static readonly int[] Ranks = [4, 8, 16];
    private static readonly int[][] Labels = [[1], [2], [3]];

    /// <summary>Verdicts a second of one caller, best of the rounds.</summary>
    public static IReadOnlyList<(string Adapter, double Verdicts)> Run(string folder, ComputeForm form, BenchPlan plan)
    {
        using var bare = PhiModel.Load(folder, new PhiModelOptions { Compute = form });
        using var roomy = PhiModel.Load(folder, new PhiModelOptions { Compute = form, Adapters = true });
        plan = plan.Within(bare.Config.ContextLength);
        var adapters = Array.ConvertAll(Ranks, rank => Random(roomy, rank));
        var tokens = BenchPlan.Tokens(plan.Prefix + plan.Suffix, bare.Config.VocabularySize);
        using var withoutRoom = new LabelScorer(bare, tokens.AsSpan(0, plan.Prefix), Labels);
        using var withRoom = new LabelScorer(roomy, tokens.AsSpan(0, plan.Prefix), Labels);
        var scores = new float[Labels.Length];
        (string Name, Action Verdict)[] ways =
        [
            ("no room", () => withoutRoom.Score(tokens.AsSpan(plan.Prefix), scores)),
            ("room, none", () => withRoom.Score(tokens.AsSpan(plan.Prefix), scores)),
            .. adapters.Select(adapter => (adapter.Name, (Action)(() => withRoom.Score(tokens.AsSpan(plan.Prefix), scores, adapter)))),
        ];
        var best = Enumerable.Range(0, plan.Rounds).SelectMany(_ => ways.Select(way => (way.Name, Rate.Of([way.Verdict], plan.Time))).ToArray())
            .GroupBy(one => one.Name, one => one.Item2).Select(all => (all.Key, all.Max())).ToArray();
        Array.ForEach(adapters, adapter => adapter.Dispose());
        return best;
    }

    private static LoraAdapter Random(PhiModel model, int rank)
    {
        var random = new Random(rank);
        return new LoraAdapter(model, $"rank {rank}", model.Slots.Select(slot => (slot, Factor(slot.Inputs, rank), Factor(rank, slot.Outputs))));

        FloatTensor Factor(int rows, int columns) => new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - 0.5f) * 0.01f)]);
    }
}
