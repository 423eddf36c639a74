namespace EdgeGateway.ModelKit.Bench;

/// <summary>What is measured.</summary>
/// <param name="Prefix">Tokens that all prompts begin with.</param>
/// <param name="Suffix">Tokens of each prompt behind them.</param>
/// <param name="Prompt">Tokens of the long prompt.</param>
/// <param name="Answer">Tokens decoded one after the other.</param>
/// <param name="Time">For each figure, in each of the rounds.</param>
/// <param name="Rounds">All figures are taken in turn this often; the best one of each counts, as others on the machine only take away.</param>
internal sealed record BenchPlan(int Prefix, int Suffix, int Prompt, int Answer, TimeSpan Time, int Rounds)
{
    /// <summary>The same for a context that holds fewer tokens.</summary>
    public BenchPlan Within(int context) => this with
    {
        Prefix = Math.Min(Prefix, context / 2),
        Suffix = Math.Min(Suffix, context / 2),
        Prompt = Math.Min(Prompt, context / 2),
        Answer = Math.Min(Answer, context / 2),
    };

    /// <summary>Tokens that occur in every vocabulary, the same ones each time.</summary>
    public static int[] Tokens(int count, int vocabulary)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
