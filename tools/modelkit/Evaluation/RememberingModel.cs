using System.Diagnostics;
using EdgeGateway.Verdicts;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>
/// A model that several judges ask about the same windows: it computes each prompt once, remembers the newest answers, and takes the time. Not thread-safe, as any model.
/// </summary>
/// <param name="ownedModel">Disposed with this.</param>
internal sealed class RememberingModel(IVerdictModel ownedModel) : IVerdictModel
{
    private const int Remembered = 4096;
    private readonly Dictionary<string, float[]> answers = new(Remembered, StringComparer.Ordinal);
    private readonly Stopwatch watch = new();

    /// <summary>Verdicts that were computed.</summary>
    public long Verdicts { get; private set; }

    /// <summary>The time that they took.</summary>
    public TimeSpan Took => watch.Elapsed;

    /// <inheritdoc/>
    public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
    {
        var known = answers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(prompt, out var answer))
        {
            watch.Start();
            ownedModel.Judge(prompt, probabilities);
            watch.Stop();
            Verdicts++;
            if (answers.Count == Remembered)
            {
                answers.Clear();
            }

            known[prompt] = answer = probabilities.ToArray();
        }

        answer.CopyTo(probabilities);
    }

    /// <inheritdoc/>
    public void Dispose() => ownedModel.Dispose();
}
