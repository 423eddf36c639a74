namespace EdgeGateway.Verdicts;

/// <summary>A model that reads a prompt and answers with one of its labels. Not thread-safe.</summary>
internal interface IVerdictModel : IDisposable
{
    /// <summary>Probability of each label, in the order of the model's sensor.json; they add up to 1.</summary>
    void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities);
}
