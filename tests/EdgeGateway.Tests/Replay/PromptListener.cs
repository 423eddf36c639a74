using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Replay;

/// <summary>Writes down what a model is asked, and finds everything normal.</summary>
internal sealed class PromptListener : IVerdictModel
{
    public List<string> Prompts { get; } = [];

    public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
    {
        Prompts.Add(prompt.ToString());
        probabilities.Clear();
        probabilities[0] = 1;
    }

    public void Dispose()
    {
    }
}
